"""What every test has: quick passwords, partitions, its own way of committing."""

from datetime import timedelta
from typing import Any

import pytest


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The day partitions, once: a test that writes to other days heals them as the service does."""
    from loghandler import partitions

    with django_db_blocker.unblock():
        partitions.ensure(partitions.today() - timedelta(days=1), *partitions.ahead())


@pytest.fixture(autouse=True)
def _committing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a test is one transaction, all is stored in it instead of by threads."""
    marker = request.node.get_closest_marker("django_db")
    if marker and not marker.kwargs.get("transaction"):
        from ingest import pipeline, refusal_recorder
        from ingest.tests.committing import CommitHere, NoteHere

        monkeypatch.setattr(pipeline, "committer", CommitHere)
        monkeypatch.setattr(refusal_recorder, "recorder", NoteHere)


@pytest.fixture(autouse=True)
def _forgetful_keys() -> None:
    from applications import key_cache

    key_cache.forget_all()


@pytest.fixture(autouse=True)
def _forgetful_traffic() -> None:
    from traffic import policies, salts

    policies.forget_all()
    salts.forget_all()
