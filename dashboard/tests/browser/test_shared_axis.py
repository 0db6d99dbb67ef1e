"""The slim chart stands below the other one bucket by bucket, and leads where it says."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from dashboard.tests.browser.browsing import Site
from dashboard.tests.browser.conftest import Visit
from loghandler.tests.running import eventually

_AREAS = """canvases => canvases.map(canvas => {
    const {left, right} = Chart.getChart(canvas).chartArea;
    const {x} = canvas.getBoundingClientRect();
    return [x + left, x + right];
})"""
_TOLD = """canvas => {
    const {title, body, afterBody, opacity} = Chart.getChart(canvas).tooltip;
    return opacity ? [...title, ...body.flatMap(({lines}) => lines), ...afterBody].join(" ") : "";
}"""
_BAR = """canvas => {
    const chart = Chart.getChart(canvas);
    const totals = chart.data.labels.map((_, place) => chart.data.datasets.reduce(
        (sum, {data}) => sum + (data[place] ?? 0), 0));
    const {x, y} = canvas.getBoundingClientRect();
    const place = totals.indexOf(Math.max(...totals));
    return [x + chart.scales.x.getPixelForValue(place), y + chart.chartArea.bottom - 4];
}"""


def _of_both(page: Page) -> None:
    expect(page.locator("figure[data-drawn] .chart-beside[data-drawn]")).to_have_count(1)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("query", ["?range=24h", "?range=7d", "traffic/?figure=latency"])
def test_both_charts_begin_and_end_at_the_same_places(
    visit: Visit, site: Site, width: int, query: str
) -> None:
    page = visit(site.shop + query, width=width).page
    _of_both(page)
    first, second = page.locator("figure:has(.chart-beside) canvas").evaluate_all(_AREAS)
    assert first == pytest.approx(second, abs=0.5)


def test_who_points_at_one_chart_is_told_of_both(site: Site, page: Page) -> None:
    page.goto(f"{site.shop}traffic/?range=24h")
    _of_both(page)
    chart, slim = page.locator("figure:has(.chart-beside) canvas").all()
    for pointed in (slim, chart):
        x, _ = slim.evaluate(_BAR)
        box = pointed.bounding_box()
        assert box is not None
        page.mouse.move(x, box["y"] + box["height"] / 2)
        assert eventually(lambda: re.search("2xx: .*ERROR: ", chart.evaluate(_TOLD)), 2)
        page.mouse.move(0, 0)
        assert eventually(lambda: not chart.evaluate(_TOLD), 2)


def test_a_bar_of_errors_leads_to_these_errors(site: Site, page: Page) -> None:
    page.goto(f"{site.shop}traffic/?range=24h")
    _of_both(page)
    page.mouse.click(*page.locator(".chart-beside canvas").evaluate(_BAR))
    page.wait_for_url(re.compile(f"{site.shop}[?]"))
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["level"] == ["ERROR", "CRITICAL"]
    assert {"since", "until"} <= set(asked)
    expect(page.locator(".event-row .level").first).to_have_text(re.compile("ERROR|CRITICAL"))


def test_a_drag_over_the_slim_chart_opens_that_time_on_the_same_page(
    site: Site, page: Page
) -> None:
    page.goto(f"{site.shop}?range=7d&level=ERROR")
    _of_both(page)
    x, y = page.locator(".chart-beside canvas").evaluate(_BAR)
    page.mouse.move(x - 40, y)
    page.mouse.down()
    page.mouse.move(x + 10, y, steps=3)
    page.mouse.up()
    page.wait_for_url(re.compile("since="))
    assert urlsplit(page.url).path == site.shop
    assert parse_qs(urlsplit(page.url).query)["level"] == ["ERROR"]
    _of_both(page)


def test_the_slim_chart_stays_fresh_and_appears_when_there_is_something(
    site: Site, page: Page
) -> None:
    app = site.new_application("axis")
    site.send(app, {"message": "Alone", "level": "ERROR"})
    page.clock.install()
    page.goto(f"/applications/{app.id}/")
    expect(page.locator("figure[data-drawn]")).to_have_count(1)
    expect(page.locator(".chart-beside")).to_have_count(0)
    request = {"method": "GET", "path": "/a", "status": 200, "duration_ms": 3}
    site.send(app, request, kind="requests")
    page.clock.run_for(11_000)
    _of_both(page)
    head = page.locator(".beside-head")
    expect(head).to_contain_text("up to 4xx 1")
    site.send(app, request, {**request, "status": 500}, kind="requests")
    page.clock.run_for(11_000)
    expect(head).to_contain_text("5xx 1")
    expect(head).to_contain_text("up to 4xx 2")
