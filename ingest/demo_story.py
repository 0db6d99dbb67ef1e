"""A week of three services that do not exist, one story for one `now`. No Django, no I/O."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from events.records import NO_TAGS, EventRecord, Json
from ingest.demo_services import payments, shop
from ingest.demo_services.lines import Line, Routine, Service
from ingest.demo_services.plot import (
    PRODUCTION,
    SERVICES,
    STAGING,
    Episode,
    episodes,
    milestones,
    plot,
)
from ingest.demo_services.values import Values

DAYS = 7
_SEED = 4711
_HOUR = timedelta(hours=1)
_STAGING_SHARE = 0.07


class Told(NamedTuple):
    """An event of the story, and when it was received."""

    service: str
    received_at: datetime
    record: EventRecord


def story(now: datetime, *, days: int = DAYS, seed: int = _SEED) -> Iterator[Told]:
    """The events of the last days up to a minute ago, in the order of their moments."""
    since, until = now - timedelta(days=days), now - timedelta(minutes=1)
    teller = _Teller(now.astimezone(UTC), seed)
    hour = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    coming: list[Told] = []
    while hour < until:
        coming += teller.hour(hour)
        coming.sort(key=_received_at)
        hour += _HOUR
        told = bisect_left(coming, min(hour, until), key=_received_at)
        yield from (event for event in coming[:told] if event.received_at >= since)
        del coming[:told]  # what an hour leads to may come in the next one


def _received_at(told: Told) -> datetime:
    return told.received_at


class _Teller:
    def __init__(self, now: datetime, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311  # nothing here is a secret
        self._plot = plot(now)
        self._episodes = episodes(self._plot)
        self._milestones = milestones(self._plot)

    def hour(self, hour: datetime) -> Iterator[Told]:
        for service in SERVICES:
            yield from self._ordinary(service, hour)
            for routine in service.routines:
                yield from self._routine(routine, hour)
        for episode in self._episodes:
            yield from self._episode(episode, hour)
        for at, line in self._milestones:
            if hour <= at < hour + _HOUR:
                yield self._told(line, at, self._values(at), PRODUCTION)

    def _ordinary(self, service: Service, hour: datetime) -> Iterator[Told]:
        weights = [line.weight for line in service.lines]
        rhythm = service.by_hour[hour.hour] / sum(service.by_hour)
        week = service.weekend if hour.weekday() >= 5 else 1
        count = self._count(service.a_day * rhythm * week)
        for line in self._random.choices(service.lines, weights, k=count):
            at = self._moment(hour, hour + _HOUR)
            environment = STAGING if self._random.random() < _STAGING_SHARE else PRODUCTION
            if environment == PRODUCTION and self._kept_away(service, at):
                continue
            yield from self._scene(line, at, environment)

    def _kept_away(self, service: Service, at: datetime) -> bool:
        """What does not work is used less."""
        if service.name == payments.NAME and self._plot.in_outage(at):
            return self._random.random() < 0.8
        if service.name == shop.NAME and self._plot.in_regression(at):
            return self._random.random() < 0.3
        return False

    def _scene(self, line: Line, at: datetime, environment: str) -> Iterator[Told]:
        """A line and what it leads to, or the others who meet the same."""
        values = self._values(at)
        yield self._told(line, at, values, environment)
        for following in line.leads_to:
            at += timedelta(milliseconds=self._random.randint(25, 420))
            if self._plot.in_outage(at) and following.process.service == payments.NAME:
                return
            yield self._told(following, at, values, environment)
            for last in following.leads_to:
                yield self._told(last, at + timedelta(seconds=2), values, environment)
        for _ in range(self._random.randint(0, line.repeats)):
            later = at + timedelta(seconds=self._random.uniform(2, 240))
            yield self._told(line, later, values.of_another(later), environment)

    def _routine(self, routine: Routine, hour: datetime) -> Iterator[Told]:
        midnight = hour.replace(hour=0)
        at = hour + routine.after % _HOUR
        if (at - midnight) % routine.every == routine.after:
            at += timedelta(seconds=self._random.uniform(1, 9))
            yield self._told(routine.line, at, self._values(at), PRODUCTION)

    def _episode(self, episode: Episode, hour: datetime) -> Iterator[Told]:
        start, end = max(episode.start, hour), min(episode.end, hour + _HOUR)
        if start < end:
            for _ in range(self._count(episode.an_hour * ((end - start) / _HOUR))):
                at = self._moment(start, end)
                yield self._told(episode.line, at, self._values(at), episode.environment)

    def _told(self, line: Line, at: datetime, values: Values, environment: str) -> Told:
        process = line.process
        release = self._plot.release(process.service, at, environment)
        values["release"] = release
        hosts = process.hosts if environment == PRODUCTION else (process.staging_host,)
        record = EventRecord(
            message=values.fill(line.message),
            level=line.level,
            occurred_at=at - timedelta(milliseconds=int(values["delay_ms"])),
            stack=_json(line.stack, values),
            tags=_json(process.tags, values) or NO_TAGS,
            environment=environment,
            release=release,
            server_name=hosts[int(values["request"], 16) % len(hosts)],
            logger=line.logger,
            trace_id=values["trace"],
            user=_json(process.user, values),
            data=_json(line.data, values),
        )
        return Told(process.service, at, record)

    def _values(self, at: datetime) -> Values:
        return Values(self._random, at)

    def _count(self, expected: float) -> int:
        """How many there are where so many are expected (Poisson's, near enough)."""
        return max(0, round(self._random.gauss(expected, expected**0.5)))

    def _moment(self, start: datetime, end: datetime) -> datetime:
        return start + self._random.random() * (end - start)


def _json(text: str, values: Values) -> Json | None:
    return Json(values.fill(text).encode()) if text else None
