"""The settings of the Django service."""

from __future__ import annotations

from clients.python.tests.wsgi_services import settings

SECRET_KEY = "of a test"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "clients.python.tests.wsgi_services.django_service"
WSGI_APPLICATION = f"{ROOT_URLCONF}.app"
MIDDLEWARE = [
    f"{ROOT_URLCONF}.Dropping",
    "loghandler_client.django.Analytics",
    "django.middleware.common.CommonMiddleware",
    f"{ROOT_URLCONF}.Failing",
]
ANALYTICS_API_KEY = settings.KEY
ANALYTICS_CONFIG = settings.config()
LOGGING_CONFIG = None
settings.log()
