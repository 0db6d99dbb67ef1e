"""All settings, top to bottom. Each `env` value is described in docs/configure.md."""

import hashlib
import os
from pathlib import Path

import csp.constants

from loghandler import env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Core ------------------------------------------------------------------------------
DEBUG = env.flag("LOGHANDLER_DEBUG", default=False)
DATA = env.path("LOGHANDLER_DATA", BASE_DIR / "var")
SECRET_KEY_FILE = DATA / "secret_key"
# `manage.py up` writes the file at its first start; a deployment of its own sets the variable.
SECRET_KEY = env.text("LOGHANDLER_SECRET_KEY") or (
    SECRET_KEY_FILE.read_text(encoding="utf-8").strip() if SECRET_KEY_FILE.exists() else ""
)
HOST = env.text("HOST") or "127.0.0.1"
PORT = env.integer("PORT", 8000, least=1, most=65535)
ALLOWED_HOSTS = env.words("LOGHANDLER_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("LOGHANDLER_TRUSTED_ORIGINS")
ADMIN_PASSWORD = env.text("LOGHANDLER_ADMIN_PASSWORD")
WEB_WORKERS = env.integer("LOGHANDLER_WEB_WORKERS", 2, least=1, most=64)
BEHIND_HTTPS_PROXY = env.flag("LOGHANDLER_BEHIND_HTTPS_PROXY", default=False)

# --- Access ----------------------------------------------------------------------------
API_ACCESS = env.choice("LOGHANDLER_API_ACCESS", "token", ("token", "open"))
KEY_CACHE_SECONDS = env.integer("LOGHANDLER_KEY_CACHE_SECONDS", 5, most=300)

# --- Limits of ingestion ---------------------------------------------------------------
MAX_BODY_BYTES = env.integer("LOGHANDLER_MAX_BODY_BYTES", 20_000_000, least=1_000)
MAX_EVENT_BYTES = env.integer("LOGHANDLER_MAX_EVENT_BYTES", 2_000_000, least=1_000)
MAX_BATCH_EVENTS = env.integer("LOGHANDLER_MAX_BATCH_EVENTS", 10_000, least=1)
QUEUE_EVENTS = env.integer("LOGHANDLER_QUEUE_EVENTS", 50_000, least=1)
WRITE_TIMEOUT_SECONDS = env.integer("LOGHANDLER_WRITE_TIMEOUT_SECONDS", 20, least=1)

# --- Keeping ---------------------------------------------------------------------------
RETENTION_DAYS = env.integer("LOGHANDLER_RETENTION_DAYS", 90, least=1)
PARTITIONS_AHEAD_DAYS = 7
# What nobody has used for so long is marked, and goes when the grace is over; 0: nothing does.
EXPIRY_DAYS = env.integer("LOGHANDLER_EXPIRY_DAYS", 183, most=36_500)
EXPIRY_GRACE_DAYS = env.integer("LOGHANDLER_EXPIRY_GRACE_DAYS", 30, least=1, most=36_500)

# --- Mail ------------------------------------------------------------------------------
# Where people reach the service: links in mails lead there.
URL = env.web_address("LOGHANDLER_URL", f"http://{f'[{HOST}]' if ':' in HOST else HOST}:{PORT}")
_mail = env.mail_server("LOGHANDLER_MAIL_URL")
EMAIL_BACKEND = _mail.backend
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.starttls, _mail.tls
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.text("LOGHANDLER_MAIL_FROM")

# --- Asking others ---------------------------------------------------------------------
# Networks beside the internet that monitors and webhooks may reach (loghandler/outbound).
OUTBOUND_ALLOW = env.networks("LOGHANDLER_OUTBOUND_ALLOW")

# --- Traffic ---------------------------------------------------------------------------
# A database of addresses' countries in MaxMind's format; without the file countries stay empty.
GEOIP = env.path("LOGHANDLER_GEOIP", DATA / "countries.mmdb")
# What API Analytics' own server allows anyone: /api/generate, and GET /api/delete/<key>.
API_ANALYTICS_GENERATE = env.flag("LOGHANDLER_API_ANALYTICS_GENERATE", default=False)
API_ANALYTICS_DELETE_BY_GET = env.flag("LOGHANDLER_API_ANALYTICS_DELETE_BY_GET", default=False)

# --- Database --------------------------------------------------------------------------
# Without DATABASE_URL the embedded PostgreSQL of loghandler/postgres.py is used, through a
# socket in the data folder. A socket's path is limited to 107 bytes: a deep folder gets a
# short one in /tmp, which postgres.py makes and checks.
EMBEDDED_DATABASE = not env.text("DATABASE_URL")
POSTGRES_DATA = DATA / "postgres"
POSTGRES_SOCKET_FOLDER = DATA
if len(os.fsencode(DATA)) > 85:
    _digest = hashlib.sha256(os.fsencode(DATA)).hexdigest()[:12]
    POSTGRES_SOCKET_FOLDER = Path(f"/tmp/loghandler-{os.getuid()}-{_digest}")  # noqa: S108

_database = env.database("DATABASE_URL") or {
    "NAME": "loghandler",
    "USER": "loghandler",
    "PASSWORD": "",
    "HOST": str(POSTGRES_SOCKET_FOLDER),
    "PORT": "5432",
    "OPTIONS": {},
}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **_database,
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            # A page must not run away with a core; writes and migrations lift its time. Where the
            # planner counts on spinning disks it sorts a whole history to fill one page.
            "options": "-c statement_timeout=15000 -c jit=off -c random_page_cost=1.1",
            "application_name": "loghandler",
            "connect_timeout": 5,  # seconds: a host that drops packets must not hold requests
            **_database["OPTIONS"],  # type: ignore[dict-item]
        },
    }
}
# What loghandler/wsgi.py adds: request greenlets borrow connections, so that each gunicorn worker
# holds at most `max_size`, plus the one of its writer; one that nobody wants for `max_idle` seconds
# ends, for those that have read hold 10 MB. Commands connect directly. Where PostgreSQL is away the
# pool tries again after 1, 2, 4 … seconds: within its own five minutes it would be late by minutes.
CONNECTION_POOL = {
    "min_size": 0, "max_size": 4, "timeout": 10, "max_idle": 10, "reconnect_timeout": 10,
}  # fmt: skip
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"

# --- Applications ----------------------------------------------------------------------
INSTALLED_APPS = [
    "dashboard.apps.AdminConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "dashboard.apps.TokensConfig",  # knox
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "procrastinate.contrib.django",
    "loghandler",
    "applications",
    "events",
    "traffic",
    "monitors",
    "stats",
    "ingest",
    "alerts",
    "dashboard",
]
MIDDLEWARE = [
    "loghandler.health.middleware",  # before the Host is checked: a probe sends an address
    "ingest.refused_answers.middleware",  # around all that refuses what is sent
    "loghandler.short_way.middleware",  # what is sent passes by all that follows
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",  # above gzip: it makes the ETags weak
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "loghandler.giving_way.middleware",  # what takes a page's time begins here
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "dashboard.preferences.middleware",  # the viewer's zone, on pages only
]
ROOT_URLCONF = "loghandler.urls"
WSGI_APPLICATION = "loghandler.wsgi.application"
APPEND_SLASH = True
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboard.preferences.context",
            ],
        },
    },
]

# --- People ----------------------------------------------------------------------------
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "dashboard:sign-in"
LOGIN_REDIRECT_URL = "dashboard:overview"
LOGOUT_REDIRECT_URL = "dashboard:sign-in"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS_PROXY
if BEHIND_HTTPS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
# To redirect to HTTPS, and to speak for other hosts of the domain, is the proxy's business.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# No inline script or style, nothing from another host: what an event brings can't run.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.constants.SELF],
        "base-uri": [csp.constants.NONE],
        "form-action": [csp.constants.SELF],
        "frame-ancestors": [csp.constants.NONE],
        "object-src": [csp.constants.NONE],
    }
}
# The admin shows a new key in a message: it must not travel in a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# All 1,000 monitors of an application may be chosen in one form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# --- REST ------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["applications.authentication.RestAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_METADATA_CLASS": "loghandler.rest_defaults.Methods",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "loghandler.rest_defaults.OnlyChoice",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "loghandler.api.exception_response",
    "URL_FORMAT_OVERRIDE": None,
}
REST_KNOX = {"TOKEN_TTL": None, "AUTO_REFRESH": False, "AUTH_HEADER_PREFIX": "Token"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Log Handler",
    "DESCRIPTION": "Applications, their keys, their events and the statistics over them.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # With a validatorUrl the page would send the address of the schema to another host.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "ENUM_NAME_OVERRIDES": {
        "MonitorKind": "monitors.targets.KINDS",
        "RuleKind": "alerts.serializers.RULE_KINDS",
        "ChannelKind": "alerts.serializers.CHANNEL_KINDS",
    },
    "PREPROCESSING_HOOKS": ["loghandler.openapi.without_trailing_slashes"],
}

# --- Static files ----------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Files are found in the apps, compressed as they are sent, and kept by browsers: their addresses
# change with their content.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 86_400
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "loghandler.static_files.VersionedStorage"},
}

# --- Jobs ------------------------------------------------------------------------------
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = ["loghandler.background", "alerts.jobs"]

# --- Logging ---------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # Refused bodies and unknown paths are the sender's business, answered to the sender.
    # Of jobs only failures are said: what was done when is in the database.
    "loggers": {"django.request": {"level": "ERROR"}, "procrastinate": {"level": "WARNING"}},
}
