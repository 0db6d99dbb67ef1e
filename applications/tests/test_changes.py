from typing import Any

import pytest
from django.core.exceptions import ValidationError

from applications import changes, key_cache, keys
from applications.creation import NameTaken
from applications.factories import create_application
from applications.models import Application, Key

pytestmark = pytest.mark.django_db


def test_fields_get_new_values() -> None:
    application = create_application("billing", description="Invoices")
    changes.change(application, name="invoices", retention_days=7)
    changed = Application.objects.get()
    assert (changed.name, changed.description) == ("invoices", "Invoices")
    assert changed.retention_days == 7


def test_an_inactive_application_takes_nothing_from_now_on(
    django_capture_on_commit_callbacks: Any,
) -> None:
    application = create_application()
    secret = keys.issue(application, Key.INGEST).secret
    key_cache.look_up(secret)
    with django_capture_on_commit_callbacks(execute=True):
        changes.change(application, active=False)
    key = key_cache.look_up(secret)
    assert key is not None
    assert not key.application_active


@pytest.mark.parametrize("value", [{"name": "Billing"}, {"retention_days": 0}])
def test_values_that_can_not_be_used_change_nothing(value: dict[str, Any]) -> None:
    application = create_application("billing")
    with pytest.raises(ValidationError):
        changes.change(application, **value)
    assert Application.objects.get().name == "billing"


def test_a_name_that_another_application_has_is_taken() -> None:
    create_application("shop")
    with pytest.raises(NameTaken, match="'shop' exists already"):
        changes.change(create_application("billing"), name="shop")
    assert Application.objects.filter(name="billing").exists()


def test_what_others_changed_meanwhile_stays() -> None:
    application = create_application("billing")
    Application.objects.update(description="Invoices")
    changes.change(application, retention_days=7)
    assert Application.objects.get().description == "Invoices"
