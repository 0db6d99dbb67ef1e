"""The traffic page as its tests ask for it and read it."""

import json
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from applications.models import Application
from dashboard.tests.reading_pages import Elements, elements
from ingest import pipeline
from ingest.factories import create_requests
from traffic.records import RequestRecord


def store(application: Application, *records: RequestRecord) -> None:
    pipeline.accept(application.pk, create_requests(*records))


def page(client: Client, application: Application, /, **query: Any) -> Elements:
    address = f"/applications/{application.pk}/traffic/?{urlencode(query, doseq=True)}"
    answer = client.get(address)
    assert answer.status_code == 200
    return elements(answer.content.decode())


def drawn(found: Elements, name: str = "course") -> Any:
    """What the chart of this name is drawn from."""
    (script,) = [one for one in found.all("script") if one.attributes.get("id") == f"{name}-json"]
    return json.loads(script.text)
