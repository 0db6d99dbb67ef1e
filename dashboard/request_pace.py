"""How long a request took beside the others of its route on that day, as the rollups tell them."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC

from dashboard.list_addresses import ListAddresses
from dashboard.sparks import Spark, spark
from dashboard.traffic_charts import distribution
from dashboard.wording import milliseconds, percent
from events.records import LEVELS
from stats.cover import DAY, floor
from stats.traffic.criteria import Criteria
from stats.traffic.measures import total
from traffic import histograms
from traffic.models import Request

OTHERS, THIS = LEVELS["INFO"], LEVELS["ERROR"]  # the shades of the picture
_FEW = 5  # requests of which nobody is slow or fast


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    day: str  # in UTC
    requests: int
    p50: str
    p95: str
    words: str  # `slower than 97 % of them`; "" where that tells nothing
    is_slow: bool
    spark: Spark | None
    address: str  # of the route's requests of that day


def pace(request: Request, addresses: ListAddresses) -> Pace:
    """By days in UTC, which the rollups have whole."""
    day = floor(request.occurred_at.astimezone(UTC), DAY)
    chosen = {"method": [request.method], "route": [request.route]}
    measure = total(request.application_id, Criteria(day, day + DAY, included=chosen))
    p50, p95 = measure.percentiles([0.5, 0.95])
    return Pace(
        day=f"{day:%-d %b %Y}",
        requests=measure.requests,
        p50="" if p50 is None else milliseconds(p50),
        p95="" if p95 is None else milliseconds(p95),
        words=words(measure.durations, request.bucket),
        is_slow=p95 is not None and measure.requests >= _FEW and request.duration_ms > p95,
        spark=picture(measure.durations, request.bucket),
        address=addresses.within(day, day + DAY, method=request.method, route=request.route),
    )


def words(counts: Mapping[int, int], bucket: int) -> str:
    requests = sum(counts.values())
    if requests < _FEW:
        return ""
    faster = sum(n for number, n in counts.items() if number < bucket) / requests
    slower = sum(n for number, n in counts.items() if number > bucket) / requests
    if not faster and not slower:
        return ""
    return f"{'slower' if faster > slower else 'faster'} than {percent(max(faster, slower))}"


def picture(counts: Mapping[int, int], bucket: int) -> Spark | None:
    """The durations of all, with the bar that has this one in it in another colour."""
    found = distribution(counts)
    if found is None or len(found.counts) < 2:
        return None
    place = min(bisect_left(found.edges, histograms.upper_ms(bucket)), len(found.counts) - 1)
    bars = list(found.counts)
    others = [0 if at == place else n for at, n in enumerate(bars)]
    this = [n if at == place else 0 for at, n in enumerate(bars)]
    return spark({OTHERS: others, THIS: this})
