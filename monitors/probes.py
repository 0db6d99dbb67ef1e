"""One check of a monitor's target: asked from here, now."""

from datetime import UTC, datetime, timedelta
from functools import singledispatch

from loghandler.outbound.certificates import valid_until
from loghandler.outbound.connections import (
    Connector,
    Stopwatch,
    Unreachable,
    tls_context,
    within,
)
from loghandler.outbound.http import Client, Request
from monitors.expectations import Unmet, unmet
from monitors.records import CheckRecord, HttpTarget, Target, TcpTarget, TlsTarget


async def probe(target: Target, connector: Connector, *, timeout: float) -> CheckRecord:
    """Check a target within so many seconds. It always finds something, and never raises."""
    watch = Stopwatch()
    try:
        return await _probe(target, connector, watch, timeout)
    except Unreachable as error:
        return CheckRecord(_now(), error.kind, str(error), watch.timings())


@singledispatch
async def _probe(
    target: Target, connector: Connector, watch: Stopwatch, timeout: float
) -> CheckRecord:
    raise TypeError(target)


@_probe.register
async def _http(
    target: HttpTarget, connector: Connector, watch: Stopwatch, timeout: float
) -> CheckRecord:
    request = Request(
        target.url,
        target.method,
        target.headers,
        target.body,
        timeout=timeout,
        redirects=target.redirects,
        verify=target.verify,
    )
    answer = await Client(connector).ask(request, watch)
    failure, words = unmet(target, answer) or (None, "")
    return CheckRecord(
        _now(),
        failure,
        words,
        answer.timings,
        answer.status,
        str(answer.address),
        answer.certificate_until,
    )


@_probe.register
async def _tcp(
    target: TcpTarget, connector: Connector, watch: Stopwatch, timeout: float
) -> CheckRecord:
    async with within(timeout, watch) as deadline:
        connection = await connector.connect(target.host, target.port, watch, deadline=deadline)
    connection.close()
    return CheckRecord(_now(), timings=watch.timings(), address=str(connection.address))


@_probe.register
async def _tls(
    target: TlsTarget, connector: Connector, watch: Stopwatch, timeout: float
) -> CheckRecord:
    async with within(timeout, watch) as deadline:
        connection = await connector.connect(
            target.host, target.port, watch, tls=tls_context(verify=True), deadline=deadline
        )
    certificate = connection.certificate
    connection.close()
    if certificate is None:
        raise Unreachable("tls", "No certificate was shown")
    until = valid_until(certificate)
    failure, words = _unmet_days(until, target.days) or (None, "")
    address = str(connection.address)
    return CheckRecord(_now(), failure, words, watch.timings(), None, address, until)


def _unmet_days(until: datetime, days: int) -> Unmet | None:
    left = until - _now()
    if left >= timedelta(days=days):
        return None
    whole = f"{left.days} days" if left.days != 1 else "1 day"
    return Unmet("certificate", f"The certificate ends in {whole}, on {until:%-d %B %Y}")


def _now() -> datetime:
    return datetime.now(UTC)
