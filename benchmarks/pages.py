"""What readers look at: pages of the dashboard, lists and statistics, as somebody signed in."""

import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from typing import IO

from benchmarks import bodies
from benchmarks.service import Failed, Load, Run, Service, Web, finished

SCRIPT = "pages"
HEAD_START = 0.2  # seconds
LONGEST = 600
PATHS = (
    "/applications/{id}/?range=24h",
    "/apps/{id}/stats/timeseries?interval=HOUR",
    "/applications/{id}/?range=7d",
    "/apps/{id}/stats/by-level",
    "/",
    "/apps/{id}/stats/top-messages",
    "/applications/{id}/?range=30d&level=ERROR",
    "/apps/{id}/events?min_level=WARNING",
)
LINES = """
wrk.headers["Cookie"] = os.getenv("COOKIE")
local paths = {{{paths}}}
local number = 0
function request()
  number = number + 1
  return wrk.format("GET", paths[number % #paths + 1])
end
"""


class _Here(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: to wrk the way to the sign-in would be a quick good answer."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> None:
        return None


@dataclass(frozen=True)
class Readers:
    """Connections that ask for one path after the other, without pause."""

    service: Service
    cookie: str

    @classmethod
    def signed_in(cls, service: Service) -> "Readers":
        paths = ", ".join(f'"{path}"' for path in paths_of(service.application))
        lines = LINES.format(paths=paths) + bodies.DONE
        (service.folder / f"{SCRIPT}.lua").write_text(lines)
        return cls(service, service.python("-m", "benchmarks.signing_in").strip())

    def look(self, web: Web) -> None:
        """Ask for each path once. Raises Failed where the answer is not 200."""
        opener = urllib.request.build_opener(_Here)
        for path in paths_of(self.service.application):
            request = urllib.request.Request(
                f"http://127.0.0.1:{web.port}{path}", headers={"Cookie": self.cookie}
            )
            try:
                opener.open(request, timeout=60).close()
            except urllib.error.HTTPError as error:
                raise Failed(f"{path} answered {error.code}, not 200.") from error

    def read(self, web: Web, connections: int, seconds: float) -> Run:
        """Read for a while, and return what was read."""
        address = f"http://127.0.0.1:{web.port}/"
        return self.service.wrk(address, Load(SCRIPT, connections), seconds, COOKIE=self.cookie)

    @contextmanager
    def reading(self, web: Web, connections: int, runs: list[Run]) -> Iterator[None]:
        """Read for as long as the block takes; what was read is added to the runs."""
        address = f"http://127.0.0.1:{web.port}/"
        load = Load(SCRIPT, connections)
        with self.service.started_wrk(address, load, LONGEST, COOKIE=self.cookie) as process:
            time.sleep(HEAD_START)
            yield
            process.send_signal(signal.SIGINT)
            runs.append(finished(process))


def paths_of(application: int) -> list[str]:
    return [path.format(id=application) for path in PATHS]
