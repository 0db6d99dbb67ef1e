"""What happens in the demo's week: releases, one that is rolled back, and an outage."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from ingest.demo_services import payments, search, shop
from ingest.demo_services.lines import Line

SERVICES = (shop.SERVICE, payments.SERVICE, search.SERVICE)
PRODUCTION, STAGING = "production", "staging"

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_STAGED_BEFORE = 3 * _HOUR  # staging has a release so long before production

Releases = tuple[tuple[datetime, str], ...]  # since when, oldest first


@dataclass(frozen=True, slots=True)
class Episode:
    """A line that is logged more often for a while."""

    start: datetime
    end: datetime
    an_hour: float
    line: Line
    environment: str = PRODUCTION


@dataclass(frozen=True, slots=True)
class Plot:
    """When what happened. A regression is released and rolled back; connections run out."""

    regression: datetime
    rolled_back: datetime
    outage: datetime
    outage_end: datetime
    releases: dict[str, Releases]

    def release(self, service: str, at: datetime, environment: str) -> str:
        if environment == STAGING:
            at += _STAGED_BEFORE
        return [name for since, name in self.releases[service] if since <= at][-1]

    def in_regression(self, at: datetime) -> bool:
        return self.regression <= at < self.rolled_back

    def in_outage(self, at: datetime) -> bool:
        return self.outage <= at < self.outage_end


def plot(now: datetime) -> Plot:
    """The plot of the week before `now`: the regression is in its last day and over."""
    regression = max(_latest(clock, now - 3 * _HOUR) for clock in (time(10, 10), time(15, 40)))
    rolled_back = regression + 2 * _HOUR
    outage = _latest(time(19, 5), now - 60 * _HOUR)
    outage_end = outage + 40 * _MINUTE
    long_ago = now - timedelta(days=30)
    return Plot(
        regression,
        rolled_back,
        outage,
        outage_end,
        {
            shop.NAME: (
                (long_ago, "4.18.0"),
                (_latest(time(9, 20), now - timedelta(days=5)), "4.18.1"),
                (regression, "4.19.0"),
                (rolled_back, "4.18.1"),
                (rolled_back + 4 * _HOUR, "4.19.1"),
            ),
            payments.NAME: (
                (long_ago, "1.92.4"),
                (outage - 10 * _HOUR, "1.93.0"),
                (outage_end + 14 * _HOUR, "1.93.1"),
            ),
            search.NAME: (
                (long_ago, "7c41e09"),
                (_latest(time(11, 45), now - 44 * _HOUR), "b2f6d13"),
            ),
        },
    )


def episodes(of: Plot) -> tuple[Episode, ...]:
    before = of.outage - 20 * _MINUTE
    broken, outage = (of.regression, of.rolled_back), (of.outage, of.outage_end)
    staged = (of.regression - 2 * _HOUR, of.regression - _HOUR)
    return (
        Episode(*staged, 5, shop.DISCOUNT_BROKEN, STAGING),
        Episode(*broken, 95, shop.DISCOUNT_BROKEN),
        Episode(*broken, 34, shop.CART_LEFT),
        Episode(before, of.outage, 40, payments.POOL_NEARLY_FULL),
        Episode(*outage, 210, payments.TOO_MANY_CLIENTS),
        Episode(*outage, 95, payments.CONNECT_TIMEOUT),
        Episode(*outage, 15, payments.POOL_EXHAUSTED),
        Episode(*outage, 120, shop.PAYMENTS_DOWN),
        Episode(*outage, 85, shop.PAYMENT_RETRIED),
        Episode(of.outage_end, of.outage_end + 3 * _MINUTE, 80, payments.POOL_RECOVERED),
    )


def milestones(of: Plot) -> list[tuple[datetime, Line]]:
    """The lines of releases: each is announced, and its processes start."""
    told = []
    for service in SERVICES:
        for since, _release in of.releases[service.name][1:]:
            back = (service.name, since) == (shop.NAME, of.rolled_back)
            told.append((since, shop.ROLLED_BACK if back else service.deployed))
            told += [(since + timedelta(seconds=n), service.started) for n in (7, 19, 34)]
    return told


def _latest(clock: time, before: datetime) -> datetime:
    """The latest moment with this time of day (UTC) that is not after `before`."""
    today = datetime.combine(before.date(), clock, before.tzinfo)
    return today if today <= before else today - timedelta(days=1)
