"""A real Chromium that looks at a real server, and notes what must never happen while it does."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect, sync_playwright

from ingest.tests.serving import App, Served
from loghandler.tests.running import eventually

# Of the first start.
ADMINISTRATOR, PASSWORD = "admin", "look around"
WIDTH, HEIGHT = 1280, 900
ZONE = "Europe/Warsaw"
NOBODY: dict[str, Any] = {"cookies": [], "origins": []}  # who is not signed in
PATIENCE = 5_000  # milliseconds
# The system's browser: none is downloaded.
_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Beside those of playwright: no sandbox (root has none), no updates, nothing in the background.
_FLAGS = ["--disable-gpu", "--disable-quic", "--renderer-process-limit=1"]
_MONITORS = """
import json
from monitors.models import Monitor
print(json.dumps(dict(Monitor.objects.filter(application={id}).values_list("name", "pk"))))
"""
_FADED = """Promise.all(document.getAnimations().filter(one => one instanceof CSSTransition)
    .map(one => one.finished))"""

expect.set_options(timeout=PATIENCE)


def chromium() -> str | None:
    """The path of the machine's browser."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@contextmanager
def browsing(executable: str) -> Iterator[Browser]:
    """A running browser. While it runs, Django's ORM can't be used in this thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Site:
    """A server, and how to get into it."""

    server: Served
    signed_in: Any = None  # the cookies of the administrator

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    @property
    def shop(self) -> str:
        """The address of an application of the demo."""
        return f"/applications/{self._shop_id}/"

    @property
    def shop_in_admin(self) -> str:
        return f"/admin/applications/application/{self._shop_id}/change/"

    @property
    def shop_error(self) -> str:
        """The address of the shop's newest error that has a stack."""
        events = self.read(f"/apps/{self._shop_id}/events?level=ERROR&limit=50")["items"]
        return f"{self.shop}events/{next(event['id'] for event in events if event['stack'])}/"

    @property
    def shop_request(self) -> str:
        """The address of the shop's newest request."""
        (newest,) = self.read(f"/apps/{self._shop_id}/requests?limit=1")["items"]
        return f"{self.shop}traffic/requests/{newest['id']}/"

    def monitor(self, name: str) -> str:
        """The address of a monitor of the shop."""
        return f"{self.shop}monitors/{self._monitors[name]}/"

    @cached_property
    def _monitors(self) -> dict[str, int]:
        told = self.server.manage("shell", "-v0", "-c", _MONITORS.format(id=self._shop_id))
        found: dict[str, int] = json.loads(told)
        return found

    @cached_property
    def _shop_id(self) -> int:
        [shop] = self.read("/apps?q=demo-shop")["items"]
        return int(shop["id"])

    def new_application(self, name: str) -> App:
        with closing(self.server.http()) as http:
            return App.created(http, name)

    def read(self, path: str) -> Any:
        """What the REST API answers."""
        with closing(self.server.http()) as http:
            answer = http.get(path)
        assert answer.status == 200, answer.body
        return answer.json

    def send(self, app: App, *sent: Any, kind: str = "events") -> None:
        with closing(self.server.http()) as http:
            answer = app.send(http, list(sent), kind=kind)
        assert answer.status == 201, answer.body


def sign_in(page: Page, name: str = ADMINISTRATOR, password: str = PASSWORD) -> None:
    page.goto("/account/sign-in/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def fits(page: Page, width: int) -> bool:
    """Whether the page needs no scrolling sideways; charts follow a new width a moment later."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    return eventually(lambda: page.evaluate("document.documentElement.scrollWidth") <= width, 1)


def fade(page: Page) -> None:
    """Wait for colours that are on their way to others."""
    page.evaluate(_FADED)


class Watch:
    """What went wrong in the pages of a context."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.expected: set[int] = set()  # statuses of answers
        self._wrong: list[str] = []
        self._own = (f"{address}/", "data:", "blob:")
        context.on("console", lambda said: self._console(said.type, said.text))
        context.on("weberror", lambda failed: self._note(f"script error: {failed.error}"))
        context.on("request", lambda request: self._request(request.url))
        context.on("response", lambda answer: self._response(answer.status, answer.url))
        context.on("dialog", self._dialog)

    def complaints(self) -> list[str]:
        expected = tuple(f"answer {status} " for status in self.expected)
        return [one for one in self._wrong if not one.startswith(expected)]

    def forget(self) -> None:
        self.expected.clear()
        self._wrong.clear()

    def _note(self, complaint: str) -> None:
        self._wrong.append(complaint)

    def _console(self, kind: str, text: str) -> None:
        # Of answers that tell an error `_response` knows more.
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
            self._note(f"console {kind}: {text}")

    def _request(self, url: str) -> None:
        if not url.startswith(self._own):
            self._note(f"request to another host: {url}")

    def _response(self, status: int, url: str) -> None:
        if status >= 400:
            self._note(f"answer {status} of {url}")

    def _dialog(self, dialog: Dialog) -> None:
        self._note(f"dialog: {dialog.message}")
        dialog.dismiss()


class Visitor:
    """A page, as one person sees it."""

    def __init__(self, page: Page, watch: Watch) -> None:
        self.page = page
        self._watch = watch

    def expect_answers(self, *statuses: int) -> None:
        """Errors that the test asks for."""
        self._watch.expected |= set(statuses)

    def is_content(self) -> None:
        """Nothing went wrong until now."""
        complaints = self._watch.complaints()
        assert not complaints, "\n".join(complaints)

    @contextmanager
    def again(self, width: int = WIDTH) -> Iterator["Visitor"]:
        """A new page in the same browser profile, which is then as it was before.

        A profile of its own costs half a second.
        """
        context = self.page.context
        cookies = context.cookies()
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": HEIGHT})
        try:
            yield Visitor(page, self._watch)
        finally:
            page.close()
            context.clear_cookies()
            context.add_cookies(cookies)  # type: ignore[arg-type]  # they are what it gave
            self._watch.forget()


@contextmanager
def visiting(
    browser: Browser, site: Site, *, width: int = WIDTH, **options: Any
) -> Iterator[Visitor]:
    """A visitor who is signed in, unless `storage_state` says otherwise."""
    context = browser.new_context(
        base_url=site.address,
        viewport={"width": width, "height": HEIGHT},
        **{
            "storage_state": site.signed_in,
            "timezone_id": ZONE,
            "locale": "en-GB",
            "reduced_motion": "reduce",  # colours that fade have contrasts that pass by
            **options,
        },
    )
    context.set_default_timeout(PATIENCE)
    watch = Watch(context, site.address)
    try:
        yield Visitor(context.new_page(), watch)
    finally:
        context.close()
