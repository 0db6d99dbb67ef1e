import pytest
from django.test import Client

from applications.factories import create_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/account/sign-in/", "/admin/", "/nowhere/", "/apps"])
def test_every_answer_forbids_inline_scripts_and_other_hosts(path: str) -> None:
    client = Client()
    client.force_login(create_user(is_staff=True, is_superuser=True))
    policy = client.get(path)["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    assert "script-src" not in directives
    assert "style-src" not in directives
