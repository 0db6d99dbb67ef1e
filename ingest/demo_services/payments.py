"""`demo-payments`: a payment API in TypeScript on Node, with PostgreSQL behind it."""

from datetime import timedelta
from functools import partial

from ingest.demo_services import payments_stacks as stacks
from ingest.demo_services.lines import (
    CRITICAL,
    DEBUG,
    ERROR,
    INFO,
    WARNING,
    Line,
    Process,
    Routine,
    Service,
)

NAME = "demo-payments"
API = Process(
    service=NAME,
    hosts=("payments-api-0", "payments-api-1", "payments-api-2"),
    staging_host="payments-api-staging-0",
    tags='{"region":"«region»","customer_tier":"«tier»","acquirer":"«acquirer»",'
    '"request_id":"«request»"}',
    user='{"id":"«customer»"}',
)
JOBS = Process(
    service=NAME,
    hosts=("payments-jobs-0",),
    staging_host="payments-api-staging-0",
    tags='{"region":"«region»","acquirer":"«acquirer»"}',
)

_api, _jobs = (partial(Line, process) for process in (API, JOBS))
_PAYMENT = '{"payment":"«payment»","amount":«cents»,"currency":"«currency»","brand":"«brand»"}'
_HOOK = '{"delivery":"«delivery»","host":"«hook»","attempt":«attempt»}'

CREATED = _api(INFO, 12, "payments:intents", "Payment intent created", _PAYMENT)
AUTHORIZED = _api(INFO, 14, "payments:charges", "Payment authorized", _PAYMENT)
DECLINED = _api(
    WARNING,
    12,
    "payments:charges",
    "Charge declined by issuer",
    '{"payment":"«payment»","code":"«decline»","brand":"«brand»"}',
)

_INFORMATION = (
    CREATED,
    AUTHORIZED,
    _api(INFO, 52, "payments:charges", "Payment captured", _PAYMENT),
    _jobs(INFO, 68, "payments:webhooks", "Webhook delivered", _HOOK),
    _api(INFO, 17, "payments:3ds", "3-D Secure challenge completed", '{"flow":"browser"}'),
    _api(INFO, 12, "payments:methods", "Payment method saved", '{"brand":"«brand»"}'),
    _api(INFO, 11, "payments:refunds", "Refund issued", '{"refund":"«refund»","amount":«cents»}'),
    _api(INFO, 5, "payments:intents", "Payment intent canceled", '{"reason":"abandoned"}'),
)
_DETAILS = (
    _api(DEBUG, 17, "payments:http", "POST /v1/payment-intents 201 «ms» ms"),
    _api(DEBUG, 11, "payments:idempotency", "Stored response returned for a repeated key"),
    _api(DEBUG, 10, "payments:acquirer", "Access token reused", '{"expires_in_s":«many»}'),
)
_WARNINGS = (
    DECLINED,
    _jobs(WARNING, 20, "payments:webhooks", "Webhook delivery will be retried", _HOOK, repeats=3),
    _api(
        WARNING,
        15,
        "payments:acquirer",
        "Acquirer answered slowly",
        '{"duration_ms":«slow_ms»,"threshold_ms":1000}',
        repeats=3,
    ),
    _api(WARNING, 10, "payments:fraud", "Fraud score above review threshold", '{"score":«score»}'),
    _api(WARNING, 8, "payments:http", "Deprecated API version 2024-04 was requested"),
    _api(WARNING, 6, "payments:http", "Rate limit applied", '{"limit":"50/s"}', repeats=5),
    _api(WARNING, 6, "payments:runtime", "Event loop was blocked for «pause_ms» ms"),
    _api(WARNING, 4, "payments:3ds", "3-D Secure challenge timed out", '{"after_s":300}'),
    _jobs(WARNING, 3, "payments:ledger", "Settlement entry without a payment, kept for review"),
)
_ERRORS = (
    _jobs(
        ERROR,
        8,
        "payments:webhooks",
        "Webhook delivery failed after 5 attempts",
        '{"delivery":"«delivery»","host":"«hook»"}',
        stack=stacks.CONNECTION_REFUSED,
    ),
    _api(
        ERROR,
        5,
        "payments:acquirer",
        "Acquirer did not answer within 10000 ms",
        '{"payment":"«payment»"}',
        stack=stacks.ACQUIRER_TIMEOUT,
        repeats=4,
    ),
    _api(
        ERROR,
        5,
        "payments:http",
        "Cannot read properties of undefined (reading 'currency')",
        '{"status":500}',
        stack=stacks.CURRENCY_OF_UNDEFINED,
    ),
    _api(
        ERROR,
        4,
        "payments:refunds",
        "Refund exceeds the captured amount",
        '{"refund":"«refund»"}',
        stack=stacks.REFUND_TOO_LARGE,
    ),
    _api(
        ERROR,
        4,
        "payments:charges",
        "Capture failed: the authorization has expired",
        '{"payment":"«payment»"}',
        stack=stacks.AUTHORIZATION_EXPIRED,
    ),
    _api(
        ERROR,
        2,
        "payments:webhooks",
        "Webhook signature does not match",
        '{"host":"«hook»"}',
        stack=stacks.SIGNATURE_MISMATCH,
    ),
    _jobs(
        CRITICAL,
        0.4,
        "payments:ledger",
        "Ledger is out of balance, payouts are on hold",
        '{"difference":«few»}',
        stack=stacks.OUT_OF_BALANCE,
    ),
)

# The database runs out of connections.
POOL_NEARLY_FULL = _api(
    WARNING, 0, "payments:db", "Connection pool is nearly full", '{"in_use":19,"size":20}'
)
TOO_MANY_CLIENTS = _api(
    ERROR, 0, "payments:db", "sorry, too many clients already", stack=stacks.TOO_MANY_CLIENTS
)
CONNECT_TIMEOUT = _api(
    ERROR,
    0,
    "payments:db",
    "timeout exceeded when trying to connect",
    stack=stacks.CONNECT_TIMEOUT,
)
POOL_EXHAUSTED = _api(
    CRITICAL,
    0,
    "payments:db",
    "Connection pool is exhausted, new payments are refused",
    '{"waiting":«many»,"size":20}',
    stack=stacks.POOL_EXHAUSTED,
)
POOL_RECOVERED = _api(
    INFO, 0, "payments:db", "Connection pool has recovered", '{"in_use":6,"size":20}'
)

DEPLOYED = _jobs(INFO, 0, "payments:deploy", "Release «release» is live")
STARTED = _api(INFO, 0, "payments:http", "Listening on :8080")

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SERVICE = Service(
    name=NAME,
    description="Demo: a payment API on Node, its webhooks and its ledger.",
    a_day=400,
    by_hour=(3, 2, 2, 2, 2, 3, 5, 8, 11, 13, 14, 14, 12, 13, 14, 14, 14, 14, 14, 14, 13, 10, 7, 5),
    weekend=0.7,
    lines=_INFORMATION + _DETAILS + _WARNINGS + _ERRORS,
    routines=(
        Routine(
            _HOUR,
            2 * _MINUTE,
            _jobs(INFO, 0, "payments:rates", "Exchange rates refreshed", '{"currencies":31}'),
        ),
        Routine(
            _HOUR,
            30 * _MINUTE,
            _jobs(INFO, 0, "payments:ledger", "Ledger reconciled", '{"entries":«many»}'),
        ),
        Routine(
            _DAY,
            2 * _HOUR,
            _jobs(INFO, 0, "payments:payouts", "Payout batch of «day» submitted"),
        ),
        Routine(
            _DAY,
            5 * _HOUR + 40 * _MINUTE,
            _jobs(INFO, 0, "payments:ledger", "Settlement file settlement-«day».csv imported"),
        ),
    ),
    deployed=DEPLOYED,
    started=STARTED,
)
