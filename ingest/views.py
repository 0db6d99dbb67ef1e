"""Where the clients of other systems send to: each is answered in its own system's shape."""

from datetime import UTC, datetime

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException

from applications import key_cache
from applications.authentication import working_key
from applications.key_cache import CachedKey
from applications.models import Key
from ingest import pipeline, refused_answers
from ingest.group_commit import DATABASE_AWAY, Busy
from ingest.protocols import api_analytics
from ingest.receiving import busy_status, content, json_response
from ingest.records import Batch, Rejection
from ingest.refusal_tally import reason_of
from ingest.refusals import Refusal

# Requests of one commit: a body may bring a hundred thousand, which would hold everyone up.
AT_ONCE = 5_000
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "content-type, content-encoding, x-auth-token, api-key",
    "Access-Control-Max-Age": "86400",
}


@csrf_exempt
def log_requests(request: HttpRequest) -> HttpResponse:
    """POST /api/log-request of API Analytics: the key is in the body."""
    if request.method == "OPTIONS":
        response = HttpResponse(status=204)
    elif request.method == "POST":
        response = _logged(request)
    else:
        response = HttpResponseNotFound("404 page not found", content_type="text/plain")
    if "HTTP_ORIGIN" in request.META:  # a page asks: its browser looks at these
        for name, value in _CORS.items():
            response[name] = value
    return response


def _logged(request: HttpRequest) -> HttpResponse:
    try:
        post = api_analytics.parse(content(request), datetime.now(UTC))
    except Refusal as refusal:
        return _refused(refusal.status, reason_of(refusal.errors))
    try:
        key = working_key(post.api_key, Key.INGEST)
    except APIException as error:
        return _noted(request, post, error.status_code, str(error.detail))
    except (OperationalError, InterfaceError):  # of a key that this process does not remember
        return _refused(503, DATABASE_AWAY)
    if not key.application_active:
        return _noted(request, post, 403, "This application is inactive and takes nothing.")
    return _stored(request, key, post)


def _stored(request: HttpRequest, key: CachedKey, post: api_analytics.Post) -> HttpResponse:
    accepted = 0
    rejected: list[Rejection] = [*post.batch.rejected]
    try:
        for batch in _pieces(post.batch):
            outcome = pipeline.accept(key.application_id, batch)
            accepted += len(outcome.requests)
            rejected += outcome.rejected
    except Busy as busy:
        reason = f"{busy} {accepted:,} of {len(post.batch.requests):,} API requests logged."
        return _noted(request, post, busy_status(busy), reason)
    if rejected:
        refused_answers.note_items(request, key.application_id, rejected, post.api_key)
    return json_response(*api_analytics.stored(accepted, rejected))


def _noted(
    request: HttpRequest, post: api_analytics.Post, status: int, reason: str
) -> HttpResponse:
    """Refuse a body, and let the owners of its key's application know."""
    if key := key_cache.look_up(post.api_key):
        refused_answers.note(request, key.application_id, status, {reason: 1}, post.api_key)
    return _refused(status, reason)


def _pieces(batch: Batch) -> list[Batch]:
    """The requests of a batch, in parts; what was rejected of it stays out."""
    return [
        Batch(
            requests=batch.requests[start : start + AT_ONCE],
            request_positions=batch.request_positions[start : start + AT_ONCE],
        )
        for start in range(0, len(batch.requests), AT_ONCE)
    ]


def _refused(status: int, message: str) -> HttpResponse:
    return json_response(status, api_analytics.refusal(status, message))
