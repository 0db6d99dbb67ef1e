"""The requests of the demo's week: what its three services answered. No Django, no I/O."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from itertools import accumulate
from random import Random
from typing import NamedTuple

from ingest.demo_services import payments, search, shop
from ingest.demo_services.lines import Service
from ingest.demo_services.plot import PRODUCTION, SERVICES, Plot, plot
from traffic.records import RequestRecord

_SEED = 4711
_HOUR = timedelta(hours=1)
# What is past its keeping as it is received would count as of now: loading takes a while.
_MARGIN = timedelta(minutes=10)
_USERS = 400


class Route(NamedTuple):
    """A route of a service: how often it is asked for, and how long it mostly takes."""

    weight: float
    method: str
    template: str
    ms: float
    status: int = 200
    sent: int = 4_000  # bytes, about


class Api(NamedTuple):
    """What a service answers to whom."""

    framework: str
    hosts: tuple[str, ...]
    an_hour: float  # requests, over the day and the week
    routes: tuple[Route, ...]
    agents: tuple[tuple[float, str], ...]


_BROWSERS = tuple(
    (weight, f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) {browser}")
    for weight, system, browser in (
        (30, "Windows NT 10.0; Win64; x64", "Chrome/131.0.0.0 Safari/537.36"),
        (12, "Windows NT 10.0; Win64; x64", "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"),
        (14, "Macintosh; Intel Mac OS X 10_15_7", "Chrome/131.0.0.0 Safari/537.36"),
        (4, "X11; Linux x86_64", "Chrome/131.0.0.0 Safari/537.36"),
        (24, "Linux; Android 15; Pixel 9", "Chrome/131.0.0.0 Mobile Safari/537.36"),
        (22, "iPhone; CPU iPhone OS 18_1 like Mac OS X", "Version/18.1 Mobile/15E148 Safari/604.1"),
        (3, "compatible; GPTBot/1.2; +https://openai.com/gptbot", ""),
        (5, "compatible; Googlebot/2.1; +http://www.google.com/bot.html", ""),
    )
)
_PROGRAMS = (
    (60, "python-requests/2.32.3"), (25, "shop-backend/4.19"), (10, "okhttp/4.12.0"),
    (5, "curl/8.5.0"),
)  # fmt: skip

APIS = {
    shop.NAME: Api(
        "Django",
        ("shop.example.com", "www.example.com"),
        70,
        (
            Route(30, "GET", "/products/{sku}", 38, sent=18_000),
            Route(22, "GET", "/categories/{slug}", 64, sent=31_000),
            Route(14, "GET", "/cart", 21),
            Route(9, "POST", "/cart/items", 33, 201, 900),
            Route(4, "DELETE", "/cart/items/{id}", 27, 204, 0),
            Route(7, "POST", "/account/sign-in", 120, 302, 0),
            Route(6, "GET", "/orders/{id}", 45),
            Route(4, "POST", "/checkout", 310, 302, 0),
            Route(3, "GET", "/health", 2, sent=20),
            Route(1, "GET", "/wp-login.php", 4, 404, 1_200),
        ),
        _BROWSERS,
    ),
    payments.NAME: Api(
        "FastAPI",
        ("payments.internal:8080",),
        28,
        (
            Route(12, "POST", "/v2/payments", 240, 201, 700),
            Route(14, "GET", "/v2/payments/{id}", 18, sent=800),
            Route(3, "POST", "/v2/payments/{id}/refunds", 280, 201, 500),
            Route(2, "POST", "/v1/charges", 260, 201, 600),
            Route(6, "POST", "/webhooks/{provider}", 35, 204, 0),
        ),
        _PROGRAMS,
    ),
    search.NAME: Api(
        "Express",
        ("search.example.com",),
        50,
        (
            Route(30, "GET", "/search", 52, sent=9_000),
            Route(40, "GET", "/suggest", 9, sent=700),
            Route(2, "POST", "/index/{sku}", 75, 202, 50),
        ),
        _BROWSERS,
    ),
}
_VALUES: dict[str, Callable[[Random], str]] = {
    "{sku}": lambda random: f"SKU-{random.randrange(10_000, 99_999)}",
    "{slug}": lambda random: random.choice(["shoes", "bags", "coats", "lamps", "chairs", "books"]),
    "{id}": lambda random: str(random.randrange(100_000, 999_999)),
    "{provider}": lambda random: random.choice(["stripe", "paypal"]),
}
_REFERRERS = (
    None, None, None, "https://www.google.com/", "https://www.example.com/sale",
    "https://news.example.org/shoes",
)  # fmt: skip


def requests(name: str, now: datetime, *, days: int, seed: int = _SEED) -> Iterator[RequestRecord]:
    """What a service answered in the last days, up to a minute ago, the oldest first."""
    (service,) = [service for service in SERVICES if service.name == name]
    since, until = now.astimezone(UTC) - timedelta(days=days) + _MARGIN, now - timedelta(minutes=1)
    random = Random(f"{seed} {name}")  # noqa: S311  # nothing here is a secret
    week = plot(now.astimezone(UTC))
    hour = since.replace(minute=0, second=0, microsecond=0)
    while hour < until:
        count = round(APIS[name].an_hour * _busy(service, hour) * random.uniform(0.9, 1.1))
        moments = sorted(hour + random.random() * _HOUR for _ in range(count))
        for at in moments:
            if since <= at < until:
                yield _request(APIS[name], name, at, week, random)
        hour += _HOUR


def _busy(service: Service, hour: datetime) -> float:
    by_day = service.by_hour[hour.hour] * 24 / sum(service.by_hour)
    return by_day * (service.weekend if hour.weekday() >= 5 else 1)


def _request(api: Api, name: str, at: datetime, week: Plot, random: Random) -> RequestRecord:
    weights = list(accumulate(route.weight for route in api.routes))
    (route,) = random.choices(api.routes, cum_weights=weights)
    status, slower = _answered(name, route, at, week, random)
    path = route.template
    for placeholder, value in _VALUES.items():
        path = path.replace(placeholder, value(random))
    if name == search.NAME and route.method == "GET":
        path += "?q=shoes&page=1"
    user = int(_USERS * random.random() ** 2.5)
    whose = Random(f"{name} {user}")  # noqa: S311
    agent_weights = list(accumulate(weight for weight, _ in api.agents))
    ((_, agent),) = whose.choices(api.agents, cum_weights=agent_weights)
    return RequestRecord(
        method=route.method,
        path=path,
        route=route.template if route.status != 404 else None,
        status=status,
        duration_ms=round(route.ms * slower * random.lognormvariate(0, 0.45), 2),
        occurred_at=at,
        hostname=random.choice(api.hosts),
        ip_address=IPv4Address(whose.randrange(0x02000000, 0xDF000000)),
        user_agent=agent.strip(),
        user_id=f"customer-{1_000 + user}",
        framework=api.framework,
        request_bytes=0 if route.method == "GET" else random.randrange(80, 900),
        response_bytes=int(route.sent * random.uniform(0.6, 1.5)) if status < 400 else 240,
        referrer=random.choice(_REFERRERS) if api.agents is _BROWSERS else None,
        release=week.release(name, at, PRODUCTION),
        environment=PRODUCTION,
    )


def _answered(
    name: str, route: Route, at: datetime, week: Plot, random: Random
) -> tuple[int, float]:
    """The status, and how many times longer than mostly it took: the plot of the events' week."""
    chance = random.random()
    if name == payments.NAME and week.in_outage(at):
        return (503, 12.0) if chance < 0.7 else (route.status, 4.0)
    if name == shop.NAME and week.in_regression(at) and route.template == "/checkout":
        return (500, 1.5) if chance < 0.6 else (route.status, 1.2)
    if chance < 0.004:
        return 500, 2.0
    if chance < 0.03 and "{" in route.template:
        return 404, 0.6
    if chance < 0.04 and route.method == "POST":
        return 422, 0.5
    return route.status, 1.0
