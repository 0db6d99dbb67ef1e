"""What axe-core finds on a page, as it is at the moment."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from dashboard.tests.browser.browsing import fade

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_OF_COLOURS = ["color-contrast", "link-in-text-block"]
_MOST_ELEMENTS = 3


def violations(page: Page, *, only_colours: bool = False) -> list[str]:
    """A line for each of the first elements that break a rule."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)  # what the page's own policy would not let in
    fade(page)
    rules = _OF_COLOURS if only_colours else _RULES
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("options => axe.run(options)", options)
    return [
        f"{broken['id']} ({len(broken['nodes'])}): {node['html'][:200]} {_reasons(node)}"
        for broken in found["violations"]
        for node in broken["nodes"][:_MOST_ELEMENTS]
    ]


def _reasons(node: dict[str, Any]) -> str:
    checks = [*node["any"], *node["all"], *node["none"]]
    return "; ".join(check["message"] for check in checks)
