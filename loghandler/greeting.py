"""What `manage.py up` prints when everything answers: where to go, and a first event to paste."""

from django.conf import settings

from loghandler.preparation import ADMINISTRATOR, FIRST_APPLICATION, FirstStart


def reachable_host() -> str:
    """HOST as this machine reaches it: a server on every address is here, too."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104


def address() -> str:
    """The address to open on this machine."""
    host = reachable_host()
    return f"http://[{host}]:{settings.PORT}" if ":" in host else f"http://{host}:{settings.PORT}"


def greeting(first: FirstStart | None) -> str:
    paragraphs = [
        f"Log Handler is ready: {address()}/",
        f"  Sign in   {address()}/  {_login(first)}",
        f"  REST API  {address()}/docs/  {_access()}",
        "",
        _first_event(first) if first else _another_key(),
        "",
        "Ctrl-C stops it.",
    ]
    return "\n".join(paragraphs)


def secrets_of(first: FirstStart) -> str:
    """Said at once: whatever happens before everything is ready, it can't be had again."""
    password = first.password or "the one of LOGHANDLER_ADMIN_PASSWORD"
    return (
        f"First start. Shown this once: user {ADMINISTRATOR}, password {password}; "
        f"application {first.application.name}, ingest key {first.ingest_key}"
    )


def _login(first: FirstStart | None) -> str:
    if first is None:
        return f"(forgotten password: manage.py changepassword {ADMINISTRATOR})"
    if first.password is None:
        return f"as {ADMINISTRATOR}, with LOGHANDLER_ADMIN_PASSWORD"
    return f"as {ADMINISTRATOR}, password {first.password}"


def _access() -> str:
    if settings.API_ACCESS == "open":
        return "open to everyone on this machine (LOGHANDLER_API_ACCESS=token closes it)"
    return "with a read key, a token or a login"


def _first_event(first: FirstStart) -> str:
    path = f"{address()}/apps/{first.application.pk}/events"
    lines = [
        f"Send an event to the application {FIRST_APPLICATION}:",
        "",
        f"curl -i {path} -H 'X-INGEST-KEY: {first.ingest_key}' "
        "-H 'Content-Type: application/json' "
        """-d '{"level":"ERROR","message":"It works"}'""",
    ]
    if settings.API_ACCESS == "open":
        lines += ["", f"and read it back: curl {path}"]
    return "\n".join(lines)


def _another_key() -> str:
    return (
        f"A new key to send events with: .venv/bin/python manage.py create_key {FIRST_APPLICATION}"
    )
