"""/livez and /readyz, for orchestrators, load balancers and `manage.py up`.

A middleware before all others: a probe names the host by its address and knows no HTTPS.
"""

from collections.abc import Callable
from datetime import timedelta

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from loghandler import partitions

OK = "ok"
_migrations_applied = False


def middleware(
    following: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        path = request.path.rstrip("/")
        if path == "/livez":
            return _response({})
        if path == "/readyz":
            return _response(readiness())
        return following(request)

    return answer


def readiness() -> dict[str, str]:
    """Name of each check → "ok" or the reason why not."""
    database = _database()
    checks = {"database": database}
    if database == OK:
        checks["migrations"] = _migrations()
    if checks.get("migrations") == OK:
        checks["partitions"] = _partitions()
    checks["writer"] = _writer()
    return checks


def _response(checks: dict[str, str]) -> HttpResponse:
    ready = all(found == OK for found in checks.values())
    body = {"status": OK if ready else "unavailable", "checks": checks}
    response = JsonResponse(body, status=200 if ready else 503)
    response["Cache-Control"] = "no-store"
    response["Content-Length"] = str(len(response.content))
    return response


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:  # the address in the driver's words is the operator's, not the prober's
        return f"PostgreSQL does not answer ({type(error).__name__})"
    return OK


def _migrations() -> str:
    global _migrations_applied
    if not _migrations_applied:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            return f"{len(missing)} migrations are not applied: run manage.py prepare"
        _migrations_applied = True
    return OK


def _partitions() -> str:
    today = partitions.today()
    missing = partitions.missing(today, today + timedelta(days=1))
    if missing:
        return f"{', '.join(missing)} missing: does a worker run?"
    return OK


def _writer() -> str:
    from ingest import pipeline  # the bottom layer can't import the top when it loads

    return OK if pipeline.writer_alive() else "the writer of this process has ended"
