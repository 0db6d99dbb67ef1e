"""`demo-shop`: a Django web shop with its Celery worker."""

from datetime import timedelta
from functools import partial

from ingest.demo_services import payments, search
from ingest.demo_services import shop_stacks as stacks
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

NAME = "demo-shop"
WEB = Process(
    service=NAME,
    hosts=("shop-web-1", "shop-web-2", "shop-web-3"),
    staging_host="shop-staging-1",
    tags='{"region":"«region»","customer_tier":"«tier»","request_id":"«request»"}',
    user='{"id":"«customer»","email":"«email»","ip_address":"«ip»"}',
)
WORKER = Process(
    service=NAME,
    hosts=("shop-worker-1", "shop-worker-2"),
    staging_host="shop-staging-1",
    tags='{"region":"«region»","queue":"default"}',
)
# Requests of nobody who is signed in, such as a robot's.
PUBLIC = Process(
    service=NAME,
    hosts=WEB.hosts,
    staging_host=WEB.staging_host,
    tags='{"region":"«region»","request_id":"«request»","client":"«scanner»"}',
)

_web, _worker, _public = (partial(Line, process) for process in (WEB, WORKER, PUBLIC))
_ORDER = '{"order":«order»,"amount":«amount»,"currency":"«currency»","country":"«country»"}'
_ITEM = '{"sku":"«sku»","quantity":«quantity»}'

CONFIRMED = _worker(
    INFO, 4, "shop.mail", "Order confirmation sent", '{"order":«order»,"duration_ms":«ms»}'
)
PLACED = _web(INFO, 0, "shop.checkout", "Order placed", _ORDER, leads_to=(CONFIRMED,))
DECLINED = _web(
    WARNING, 0, "shop.payments", "Payment declined", '{"order":«order»,"reason":"«decline»"}'
)

_INFORMATION = (
    _web(INFO, 125, "shop.cart", "Item added to cart", _ITEM),
    _web(INFO, 95, "shop.accounts", "User signed in", '{"method":"password"}'),
    _web(
        INFO,
        34,
        "shop.checkout",
        "Checkout started",
        _ORDER,
        leads_to=(payments.CREATED, payments.AUTHORIZED, PLACED),
    ),
    _web(
        INFO,
        5,
        "shop.checkout",
        "Checkout started",
        _ORDER,
        leads_to=(payments.CREATED, payments.DECLINED, DECLINED),
    ),
    _web(
        INFO,
        26,
        "shop.catalog",
        "Search results shown",
        '{"query":"«query»","duration_ms":«ms»}',
        leads_to=(search.SERVED,),
    ),
    _web(INFO, 24, "shop.cart", "Coupon applied", '{"coupon":"«coupon»"}'),
    _web(INFO, 18, "shop.accounts", "New account registered", '{"country":"«country»"}'),
    _web(INFO, 8, "shop.accounts", "Password reset requested"),
    _worker(INFO, 26, "shop.shipping", "Shipping label created", '{"carrier":"«carrier»"}'),
    _worker(
        INFO,
        7,
        "celery.app.trace",
        "Task shop.mail.tasks.send_confirmation[«uuid»] succeeded in «seconds»s: None",
    ),
)
_DETAILS = (
    _web(DEBUG, 34, "shop.cache", "Cache miss", '{"key":"product:«sku»"}'),
    _web(DEBUG, 16, "shop.pricing", "Price rules evaluated", '{"rules":«few»,"duration_ms":«ms»}'),
    _web(DEBUG, 9, "shop.shipping", "Carrier rates requested", '{"carrier":"«carrier»"}'),
    _web(
        DEBUG,
        6,
        "django.template",
        "Exception while resolving variable 'estimated_delivery' in template 'cart/summary.html'.",
        stack=stacks.VARIABLE_DOES_NOT_EXIST,
    ),
)
_WARNINGS = (
    _web(WARNING, 33, "shop.accounts", "Sign-in failed", '{"reason":"wrong password"}', repeats=2),
    _public(WARNING, 13, "django.request", "Not Found: «path»", '{"status":404}', repeats=3),
    _worker(WARNING, 22, "shop.stock", "Stock is running low", '{"sku":"«sku»","left":«left»}'),
    _web(WARNING, 20, "shop.cart", "Cart expired before checkout", '{"items":«quantity»}'),
    _web(
        WARNING,
        19,
        "shop.db",
        "Slow query",
        '{"duration_ms":«slow_ms»,"sql":"SELECT … FROM orders_order WHERE customer_id = %s"}',
    ),
    _web(WARNING, 9, "shop.cart", "Coupon code has expired", '{"coupon":"«coupon»"}'),
    _web(
        WARNING,
        8,
        "shop.shipping",
        "Carrier answered slowly",
        '{"carrier":"«carrier»","duration_ms":«slow_ms»}',
        repeats=4,
    ),
    _public(
        WARNING,
        4,
        "django.security.csrf",
        "Forbidden (CSRF token missing.): /checkout/address/",
        '{"status":403}',
    ),
)
_ERRORS = (
    _web(ERROR, 11, "shop.stock", "Stock could not be reserved", _ITEM, stack=stacks.OUT_OF_STOCK),
    _web(
        ERROR,
        4,
        "shop.shipping",
        "Carrier rates are unavailable",
        '{"carrier":"«carrier»"}',
        stack=stacks.READ_TIMEOUT,
        repeats=6,
    ),
    _web(
        ERROR,
        7,
        "django.request",
        "Internal Server Error: /checkout/shipping/",
        '{"status":500}',
        stack=stacks.KEY_ERROR,
    ),
    _web(
        ERROR,
        4,
        "shop.checkout",
        'duplicate key value violates unique constraint "orders_order_idempotency_key_key"',
        '{"order":«order»}',
        stack=stacks.UNIQUE_VIOLATION,
    ),
    _worker(
        ERROR,
        3,
        "shop.mail",
        "Order confirmation could not be sent",
        '{"order":«order»}',
        stack=stacks.SMTP_DISCONNECTED,
        repeats=3,
    ),
    _worker(
        ERROR,
        2,
        "shop.media",
        "Product image could not be read",
        '{"sku":"«sku»"}',
        stack=stacks.UNIDENTIFIED_IMAGE,
    ),
    _web(
        CRITICAL,
        0.3,
        "shop.sessions",
        "Redis is unreachable, sessions are read from the database",
        stack=stacks.REDIS_REFUSED,
        repeats=3,
    ),
)

# The release that is rolled back, and what the payments' outage looks like from here.
DISCOUNT_BROKEN = _web(
    ERROR,
    0,
    "django.request",
    "unsupported operand type(s) for *: 'decimal.Decimal' and 'NoneType'",
    '{"status":500,"path":"/cart/"}',
    stack=stacks.DISCOUNT_IS_NONE,
)
CART_LEFT = _web(WARNING, 0, "shop.checkout", "Checkout abandoned after an error", _ORDER)
PAYMENTS_DOWN = _web(
    ERROR,
    0,
    "shop.payments",
    "Payment service answered 503",
    '{"order":«order»,"status":503}',
    stack=stacks.PAYMENTS_UNAVAILABLE,
)
PAYMENT_RETRIED = _web(
    WARNING, 0, "shop.payments", "Payment request will be retried", '{"attempt":«attempt»}'
)

DEPLOYED = _worker(INFO, 0, "shop.deploy", "Release «release» is live", '{"migrations":0}')
ROLLED_BACK = _worker(
    WARNING, 0, "shop.deploy", "Rolled back to «release»", '{"reason":"errors in the cart"}'
)
STARTED = _worker(INFO, 0, "gunicorn.error", "Booting worker with pid: «pid»")

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SERVICE = Service(
    name=NAME,
    description="Demo: a Django web shop, its pages and its background worker.",
    a_day=760,
    by_hour=(
        3,
        2,
        1.5,
        1.5,
        1.5,
        2,
        4,
        7,
        10,
        12,
        13,
        13,
        12,
        12,
        12,
        12,
        13,
        15,
        17,
        18,
        17,
        13,
        9,
        5,
    ),
    weekend=1.15,
    lines=_INFORMATION + _DETAILS + _WARNINGS + _ERRORS,
    routines=(
        Routine(
            _HOUR,
            5 * _MINUTE,
            _worker(INFO, 0, "shop.catalog", "Supplier feed imported", '{"products":«many»}'),
        ),
        Routine(
            _DAY,
            3 * _HOUR + 15 * _MINUTE,
            _worker(INFO, 0, "shop.sessions", "Deleted «many» expired sessions"),
        ),
        Routine(
            _DAY,
            4 * _HOUR,
            _worker(INFO, 0, "shop.reports", "Daily sales report sent", '{"day":"«day»"}'),
        ),
    ),
    deployed=DEPLOYED,
    started=STARTED,
)
