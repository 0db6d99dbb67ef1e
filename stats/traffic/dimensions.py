"""What requests are broken down by, besides routes and statuses. Pure."""

from enum import IntEnum


class Dimension(IntEnum):
    """A column of requests, in lower case, by the number that the rollups store."""

    COUNTRY = 1
    CLIENT = 2
    SYSTEM = 3
    DEVICE = 4
    HOSTNAME = 5
    VERSION = 6
    REFERRER = 7
    RELEASE = 8
    ENVIRONMENT = 9
    FRAMEWORK = 10
    USER = 11

    @property
    def column(self) -> str:
        return self.name.lower()
