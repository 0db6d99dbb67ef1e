"""Where messages are sent to: one file for each kind, `send(address, envelope)`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.records import Message


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message on its way."""

    id: int
    application: str
    tells: str  # records.BEGAN, ENDED, TEST or DIGEST
    message: Message
    url: str  # of the page that tells more
    at: datetime  # when it was found
    attempt: int
    maybe_sent: bool  # it may have arrived already: nobody answered, or who sent it was killed

    @property
    def subject(self) -> str:
        """The title in one line."""
        return " ".join(self.message.title.split())

    @property
    def text(self) -> str:
        """What people read below the title."""
        again = "This may have arrived before: its sending was interrupted." * self.maybe_sent
        return "\n\n".join(filter(None, [self.message.text, self.url, again]))


class NotSent(Exception):
    """It did not arrive; the text says why. `permanent`: trying again is of no use.

    `unsure`: it went out, and nobody answered whether it arrived.
    """

    def __init__(
        self,
        words: str,
        *,
        permanent: bool = False,
        away: bool = False,
        unsure: bool = False,
        after: timedelta | None = None,
    ) -> None:
        super().__init__(words)
        self.permanent = permanent
        self.unsure = unsure
        self.after = after  # the receiver wants to be left alone for so long
        self.away = away or after is not None  # it takes no other message now either
