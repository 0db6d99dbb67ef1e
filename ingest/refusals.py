"""Why a whole body is refused, in words and with the status that HTTP has for it. No Django."""

from collections.abc import Mapping, Sequence


class Refusal(Exception):
    """A body of which nothing can be stored."""

    status = 400

    def __init__(self, errors: str | Mapping[str, Sequence[str]]) -> None:
        super().__init__(str(errors))
        self.errors = {"body": [errors]} if isinstance(errors, str) else errors


class TooLarge(Refusal):
    """A body, or the number of events in it, past its bound."""

    status = 413


class Unsupported(Refusal):
    """A content type or encoding that is not understood."""

    status = 415
