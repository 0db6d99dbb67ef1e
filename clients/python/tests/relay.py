"""A relay before a server, that can be away, slow, busy, or lose the server's answers."""

from __future__ import annotations

import http.client
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HEADERS = ("content-type", "content-encoding", "x-ingest-key", "user-agent")


class Relay:
    """Passes POSTs on to a port. `mode` says what it does with the next ones.

    - `pass`: what the server answers.
    - `503`, `429`, …: this status, without asking the server; `retry_after` goes with it.
    - `slow`: what the server answers, `seconds` later.
    - `deaf`: the server stores it, its answer is lost.
    - `cut`: the connection ends before anything is passed on.
    """

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.mode = "pass"
        self.seconds = 0.5
        self.retry_after: str | None = None
        self.asked: list[tuple[str, dict[str, str], int]] = []  # path, headers, bytes
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.open()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Listen, on the same port as before."""
        relay = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                relay._answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()

    def close(self) -> None:
        """Away: connections are refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.asked.append((handler.path, headers, len(body)))
        mode = self.mode
        if mode == "cut":
            handler.close_connection = True
            return
        if mode.isdigit():
            handler.send_response(int(mode))
            if self.retry_after is not None:
                handler.send_header("Retry-After", self.retry_after)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        if mode == "slow":
            time.sleep(self.seconds)
        status, answer = self._passed(handler.path, headers, body)
        if mode == "deaf":
            handler.close_connection = True
            return
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)

    def _passed(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=20)
        try:
            kept = {name: value for name, value in headers.items() if name in HEADERS}
            connection.request("POST", path, body, kept)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
