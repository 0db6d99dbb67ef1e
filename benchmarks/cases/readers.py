"""Storing while ten readers look at pages and statistics without pause, and while none does."""

from collections.abc import Iterator

from benchmarks import bodies
from benchmarks.cases.single import CONNECTIONS
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.service import Length, Load, Run, Service, Web, finished

READERS = 10
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
SCRIPT = """
wrk.headers["Cookie"] = os.getenv("COOKIE")
local paths = {{{paths}}}
local number = 0
function request()
  number = number + 1
  return wrk.format("GET", paths[number % #paths + 1])
end
"""


def measure(service: Service, length: Length) -> Iterator[Figure]:
    history = 1_000_000 if length.full else 200_000
    service.fill(history)
    paths = ", ".join(f'"{path.format(id=service.application)}"' for path in PATHS)
    script = SCRIPT.format(paths=paths) + bodies.DONE
    (service.folder / "readers.lua").write_text(script)
    cookie = service.python("-m", "benchmarks.signing_in").strip()
    body = service.body("single", bodies.encoded(bodies.event()))
    load = Load("same", CONNECTIONS, body)
    alone, beside, read = [], [], []
    with service.web() as web:
        for _ in range(length.rounds):
            alone.append(service.stored_by(web, load, length).rate)
            stored, looked = beside_readers(service, web, load, length, cookie)
            beside.append(stored)
            read.append(looked)
    name = f"single events while {READERS} readers query"
    yield Figure(name, "events/s", beside, Baseline("without them", alone), Goal(0.7))
    yield Figure(f"{name}: pages and answers read", "/s", [run.rate for run in read])
    yield Figure(f"{name}: a reader waits", "ms", [run.p50 for run in read], note="p50")
    yield Figure(f"{name}: a reader waits", "ms", [run.p99 for run in read], note="p99")


def beside_readers(
    service: Service, web: Web, load: Load, length: Length, cookie: str
) -> tuple[float, Run]:
    """Events stored a second while the readers read, and what they read."""
    seconds = length.warm_up + length.run + 1  # they begin before, and end after
    address, reading = f"http://127.0.0.1:{web.port}/", Load("readers", READERS)
    with service.started_wrk(address, reading, seconds, COOKIE=cookie) as readers:
        stored = service.stored_by(web, load, length)
        return stored.rate, finished(readers)
