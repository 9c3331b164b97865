"""What stands beside something else on the desk does not run into it, and what is worked on has room."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.web.desk.browser import Desk
from tests.web.desk.stage import Stage


def test_times_of_the_path_do_not_run_into_what_they_stand_beside(agent: Desk, desk: Stage) -> None:
    desk.wrapping()
    page = agent.open()
    times = page.locator(".path-time")
    expect(times.first).to_be_visible()
    assert times.evaluate_all("all => all.every(each => each.scrollWidth <= each.clientWidth)")


def test_an_order_taken_in_wrap_up_has_most_of_the_room(agent: Desk, desk: Stage) -> None:
    desk.wrapping()
    page = agent.open()
    expect(page.locator("#wrap-note")).to_be_visible()
    agent.press("o")
    expect(page.locator("#order-search")).to_be_focused()
    wrap, search = (page.locator(each).bounding_box() for each in ("#wrap", "#order-search"))
    assert wrap is not None and search is not None
    assert wrap["height"] < 300 and search["y"] < 620
    page.locator("[data-choose]").first.click()
    expect(page.locator("[data-level='2']:not([hidden]) [data-choose]").first).to_be_visible()
