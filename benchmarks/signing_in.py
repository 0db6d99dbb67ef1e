"""Signs a new user in and prints the session's cookie: `sessionid=…`."""

import os
import secrets

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loghandler.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.test import Client  # noqa: E402


def cookie() -> str:
    """Of a superuser, who may look at everything."""
    user = get_user_model().objects.create_superuser(f"reader-{secrets.token_hex(4)}")
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


if __name__ == "__main__":
    print(cookie())
