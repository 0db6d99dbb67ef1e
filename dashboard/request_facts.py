"""What a request's page tells of it, each value with the requests that share it. Pure."""

from collections.abc import Iterable
from http import HTTPStatus

from dashboard import country_names
from dashboard.event_facts import Fact, Facts
from dashboard.exact_times import exact
from dashboard.list_addresses import ListAddresses
from dashboard.wording import size
from events.display import visible
from traffic.models import Request

Told = tuple[str, str | None, str]  # name, value, address


def answered(request: Request, addresses: ListAddresses) -> Facts:
    """What was asked for, and what was answered."""
    return _facts(
        [
            ("Status", status(request.status), addresses.by(status=request.status)),
            _filter("Method", "method", request.method, addresses),
            (
                "Route",
                request.route,
                addresses.by(method=request.method, route=request.route),
            ),
            ("Path", request.path, addresses.by(q=request.path)),
            _filter("Host", "hostname", request.hostname, addresses),
            _filter("API version", "version", request.version, addresses),
            ("Request size", _bytes(request.request_bytes), ""),
            ("Answer size", _bytes(request.response_bytes), ""),
            _filter("Framework", "framework", request.framework, addresses),
            _filter("Environment", "environment", request.environment, addresses),
            _filter("Release", "release", request.release, addresses),
        ]
    )


def sender(request: Request, user_agent: str | None, addresses: ListAddresses) -> Facts:
    """Who asked, as far as it is kept."""
    country = request.country and f"{country_names.name(request.country)} ({request.country})"
    return _facts(
        [
            _filter("User", "user", request.user, addresses),
            ("Country", country, addresses.by(country=request.country or "")),
            ("Address", request.ip_address and str(request.ip_address), ""),
            _filter("Client", "client", request.client, addresses),
            _filter("System", "system", request.system, addresses),
            _filter("Device", "device", request.device, addresses),
            ("User agent", user_agent, ""),
            _filter("Referrer", "referrer", request.referrer, addresses),
        ]
    )


def ids(request: Request) -> list[Fact]:
    """When it occurred for whoever reads it elsewhere, and what it is told apart by."""
    told = [
        ("In UTC", exact(request.occurred_at).utc, ""),
        ("Request", str(request.id), ""),
        ("Sender’s id", str(request.request_id or ""), ""),
        ("Trace", request.trace_id, ""),
    ]
    return list(_facts(told).facts)


def status(number: int) -> str:
    """`404 Not Found`; the number alone where it has no name."""
    if number == 0:
        return "0, none was told"
    try:
        return f"{number} {HTTPStatus(number).phrase}"
    except ValueError:
        return str(number)


def _filter(name: str, column: str, value: str | None, addresses: ListAddresses) -> Told:
    return name, value, addresses.by(**{column: value or ""})


def _bytes(number: int | None) -> str | None:
    if number is None:
        return None
    return f"{number:,} bytes" if number < 1_000 else f"{size(number)} ({number:,} bytes)"


def _facts(told: Iterable[Told]) -> Facts:
    facts = [Fact(name, visible(value), address) for name, value, address in told if value]
    return Facts(facts=facts)
