"""Addresses that jobs call: /ping/<key>, with /start, /fail or an exit status behind it.

As Healthchecks has them, whose clients (curl, runitor) call ours: any method, any body, plain text.
"""

from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from monitors import calling, heartbeats

METHODS = {"GET", "HEAD", "POST"}
MOST_BYTES = 50_000_000  # of a body that are read
_PIECE = 65_536
_KEPT = 4 * calling.OUTPUT_CHARACTERS  # bytes: a character has at most four


@csrf_exempt
def ping(request: HttpRequest, key: str, word: str = "") -> HttpResponse:
    if request.method not in METHODS:
        response = _said("Call it with GET, HEAD or POST.", 405)
        response["Allow"] = ", ".join(sorted(METHODS))
        return response
    try:
        call = heartbeats.call(word, timezone.now())
    except ValueError as error:
        return _said(str(error), 400)
    try:
        calling.take(UUID(key), call, _output(request))
    except (ValueError, calling.UnknownKey):
        return _said("There is no such heartbeat.", 404)
    except (OperationalError, InterfaceError):
        response = _said("The database does not answer in time. Try again in a moment.", 503)
        response["Retry-After"] = "5"
        return response
    return _said("OK", 200)


def _output(request: HttpRequest) -> str:
    """The end of its body, which tells what went wrong; never more of it in memory."""
    end, read = b"", 0
    try:
        while read < MOST_BYTES and (piece := request.read(_PIECE)):
            read += len(piece)
            end = (end + piece)[-_KEPT:]
    except (UnreadablePostError, OSError):  # the call counts, whatever became of its body
        pass
    return end.decode("utf-8", "replace").replace("\0", "�")


def _said(text: str, status: int) -> HttpResponse:
    response = HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
