"""What is kept of an application's requests, with a short memory in each process."""

from dataclasses import dataclass, field
from time import monotonic

from django.conf import settings
from django.db import OperationalError

from traffic.models import LearnedPlace, Policy
from traffic.routes import Learner

_MOST = 10_000


@dataclass(slots=True)
class CachedPolicy:
    """A policy as requests are described by it, and what this process has met of its routes."""

    least_privacy: int = 0
    keep_query_values: bool = False
    templates: tuple[str, ...] = ()
    learner: Learner = field(default_factory=Learner)
    until: float = 0.0


_known: dict[int, CachedPolicy] = {}


def policy(application_id: int) -> CachedPolicy:
    """The application's policy; costs two queries where this process does not remember it."""
    known = _known.get(application_id)
    if known and monotonic() < known.until:
        return known
    try:
        fresh = _stored(application_id)
    except OperationalError:
        if known is None:
            raise
        fresh = known  # rather an old policy than none
    fresh.until = monotonic() + settings.KEY_CACHE_SECONDS
    if known:
        known.learner.learned |= fresh.learner.learned
        fresh.learner = known.learner
    if len(_known) >= _MOST:
        _known.clear()
    _known[application_id] = fresh
    return fresh


def stored(application_id: int) -> Policy:
    """The policy as the database has it; a new one where nothing was set."""
    found = Policy.objects.filter(pk=application_id).first()
    return found or Policy(application_id=application_id)


def _stored(application_id: int) -> CachedPolicy:
    places = LearnedPlace.objects.filter(application_id=application_id)
    learner = Learner(set(places.values_list("place", flat=True)))
    found = Policy.objects.filter(pk=application_id).first()
    if found is None:
        return CachedPolicy(learner=learner)
    return CachedPolicy(
        found.least_privacy, found.keep_query_values, tuple(found.templates), learner
    )


def keep_learned(application_id: int, places: set[str]) -> None:
    """Let the other processes know places that this one has learned."""
    rows = [LearnedPlace(application_id=application_id, place=place) for place in sorted(places)]
    LearnedPlace.objects.bulk_create(rows, ignore_conflicts=True)


def forget_all() -> None:
    """Forget what is remembered, so that the next request of each application asks the database."""
    _known.clear()
