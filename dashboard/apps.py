"""How the admin names and finds what comes from packages."""

from django.apps import AppConfig
from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    """Django's admin, with our site in place of its own."""

    default = False  # it is no configuration of this app
    default_site = "dashboard.admin_site.AdminSite"


class TokensConfig(AppConfig):
    """`knox` means nothing to those who administer its tokens."""

    default = False
    name = "knox"
    verbose_name = "REST tokens"
