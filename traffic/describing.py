"""From what a sender told of requests to what is stored of them: times, routes, users, places."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import overload
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from events.records import identities, identities_at
from traffic import countries, policies, privacy, routes, salts, user_agents
from traffic.histograms import bucket
from traffic.policies import CachedPolicy
from traffic.records import MOST_OF, RequestRecord, StoredRequest

_DEFAULT_PORTS = (":80", ":443")


def described(
    application_id: int, records: Sequence[RequestRecord], received_at: datetime
) -> list[StoredRequest]:
    """The requests as they are stored. Asks the database for what this process does not know."""
    policy = policies.policy(application_id)
    policy.learner.begin(received_at.date())
    known = set(policy.learner.learned)
    oldest = received_at - timedelta(days=settings.RETENTION_DAYS)
    moments = [occurred_at(record, received_at, oldest) for record in records]
    [(_, received_at)] = identities_at(received_at, 1)  # to the millisecond, as it is stored
    stored = [
        _described(application_id, record, id_, moment, received_at, policy)
        for record, (id_, moment) in zip(records, identities(moments), strict=True)
    ]
    if learned := policy.learner.learned - known:
        policies.keep_learned(application_id, learned)
    return stored


def occurred_at(record: RequestRecord, received_at: datetime, oldest: datetime) -> datetime:
    """When it occurred, if that can be: not after it was received, and not past its keeping."""
    moment = record.occurred_at
    return received_at if moment is None or not oldest <= moment <= received_at else moment


def _described(
    application_id: int,
    record: RequestRecord,
    id_: UUID,
    moment: datetime,
    received_at: datetime,
    policy: CachedPolicy,
) -> StoredRequest:
    path = _cut("path", _place(record.path))
    plain = path.partition("?")[0]
    text = _cut("user_agent", record.user_agent)
    agent = user_agents.agent(text) if text else user_agents.NONE
    level = privacy.level(record.privacy_level, policy.least_privacy)
    address = None if level >= privacy.NEVER else record.ip_address
    user = _cut("user_id", record.user_id)
    if not user and address:
        salt = salts.salt(moment.date(), received=received_at.date())
        user = privacy.anonymous_user(address, text, application_id, salt)
    return StoredRequest(
        application_id=application_id,
        id=id_,
        occurred_at=moment,
        received_at=received_at,
        request_id=record.request_id,
        method=_cut("method", record.method),
        route=_route(record, plain, policy),
        path=privacy.path_and_query(path, keep_values=policy.keep_query_values),
        status=record.status,
        duration_ms=record.duration_ms,
        bucket=bucket(record.duration_ms),
        request_bytes=record.request_bytes,
        response_bytes=record.response_bytes,
        hostname=_hostname(record.hostname),
        version=routes.version(plain),
        framework=_cut("framework", record.framework),
        release=_cut("release", record.release),
        environment=_cut("environment", record.environment),
        referrer=_cut("referrer", record.referrer and privacy.referrer(record.referrer)),
        ip_address=address if level == privacy.KEEP else None,
        country=countries.country(address) if address else _told_country(record, level),
        user_agent=text,
        agent=agent.number,
        client=agent.client,
        system=agent.system,
        device=agent.device,
        user=user,
        trace_id=_cut("trace_id", record.trace_id),
        event_id=record.event_id,
    )


def _told_country(record: RequestRecord, level: int) -> str | None:
    return None if level >= privacy.NEVER else record.country


def _route(record: RequestRecord, plain: str, policy: CachedPolicy) -> str:
    if record.route:
        return _cut("route", routes.normalized(record.route))
    found = routes.route(plain, policy.templates, policy.learner.learned)
    return policy.learner.admitted(_cut("route", found), record.status)


def _place(path: str) -> str:
    """A path from its slash on, whatever stands before it: some senders tell the whole address."""
    if "://" in path.partition("?")[0]:
        with suppress(ValueError):
            parts = urlsplit(path)
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path if path.startswith("/") else f"/{path}"


def _hostname(hostname: str | None) -> str | None:
    if not hostname:
        return None
    plain = hostname.strip().lower()
    for port in _DEFAULT_PORTS:
        plain = plain.removesuffix(port)
    return _cut("hostname", plain) or None


@overload
def _cut(name: str, text: str) -> str: ...
@overload
def _cut(name: str, text: str | None) -> str | None: ...
def _cut(name: str, text: str | None) -> str | None:
    if text is None:
        return None
    most = MOST_OF[name]
    return text if len(text) <= most else text[:most]
