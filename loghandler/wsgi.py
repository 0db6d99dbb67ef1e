"""The entry of the web server."""

import os
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loghandler.settings")


class Request(WSGIRequest):
    """A request whose chunked body can be read.

    Django takes a body without CONTENT_LENGTH for an empty one (ticket 35838); where the server
    promises that its input ends with the body, that input is the stream. `ingest/body.py` caps it.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        super().__init__(environ)
        if not environ.get("CONTENT_LENGTH") and environ.get("wsgi.input_terminated"):
            self._stream = environ["wsgi.input"]


settings.DATABASES["default"]["OPTIONS"]["pool"] = settings.CONNECTION_POOL
get_wsgi_application()  # sets Django up
application = WSGIHandler()
application.request_class = Request
