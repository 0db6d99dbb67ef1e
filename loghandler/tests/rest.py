"""Someone who uses the REST API of an application."""

import json
from typing import Any

from django.test import Client

from applications.factories import create_member
from applications.models import Application


class Rest:
    """Someone who asks for what is below /apps/<id>/."""

    def __init__(self, application: Application, role: str) -> None:
        self.client = Client()
        self.client.force_login(create_member(application, role))
        self.base = f"/apps/{application.pk}/"

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        sent = "" if body is None else json.dumps(body)
        answer = self.client.generic(method, self.base + path, sent, "application/json")
        return answer.status_code, json.loads(answer.content) if answer.content else None
