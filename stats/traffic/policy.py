"""What is kept of an application's requests and left out of its page, read once for a page."""

from stats import once
from traffic import policies
from traffic.models import Policy


def policy(application_id: int) -> Policy:
    """The stored one, or the default."""
    return once.read(("policy", application_id), lambda: policies.stored(application_id))
