"""Notes what senders of events are refused: one look at every answer, beside the way of requests.

Around everything that refuses (the key, the body, an error of ours), so that no refusal is missed.
The reason is that of the answer; nothing of the body, and of the key only its shown digits.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from applications.key_hash import key_prefix
from ingest import refusal_recorder
from ingest.records import Rejection
from ingest.refusal_tally import count_of, reason_of

_SENDING = re.compile(r"/apps/([0-9]{1,18})/(?:events|requests)/?")


class _Answer(msgspec.Struct):
    errors: Mapping[str, Sequence[str]] | None = None  # None: of a batch, whose items are noted


_decode = msgspec.json.Decoder(_Answer).decode


def middleware(
    following: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        response = following(request)
        if response.status_code >= 400 and request.method == "POST":
            _note_answer(request, response)
        return response

    return answer


def note_items(
    request: HttpRequest, application_id: int, rejected: Iterable[Rejection], key: str | None = None
) -> None:
    """Note the items of a batch that were not stored. `key`: that of the body, if it is there."""
    reasons = Counter(reason_of(rejection.errors) for rejection in rejected)
    note(request, application_id, 400, reasons, key)


def _note_answer(request: HttpRequest, response: HttpResponse) -> None:
    path = _SENDING.fullmatch(request.path_info)
    if path is None or (response.status_code >= 500 and response.status_code != 503):
        return
    try:
        errors = _decode(response.content).errors
    except msgspec.MsgspecError:  # a page, where settings.DEBUG makes one of it
        errors = {"detail": [f"{response.reason_phrase}."]}
    if errors:
        note(request, int(path[1]), response.status_code, {reason_of(errors): 1})


def note(
    request: HttpRequest,
    application_id: int,
    status: int,
    reasons: Mapping[str, int],
    key: str | None = None,
) -> None:
    """Note what was refused of an application, by reason."""
    now = timezone.now()
    prefix = key_prefix(request.META.get("HTTP_X_INGEST_KEY", "") if key is None else key)
    client = request.META.get("HTTP_USER_AGENT", "")
    refusal_recorder.recorder().note(
        count_of(application_id, status, reason, at=now, n=n, key_prefix=prefix, client=client)
        for reason, n in reasons.items()
    )
