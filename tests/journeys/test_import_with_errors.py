"""A supplier's list with mistakes: what is wrong is said by row, the good rows are taken, the wrong ones come back as a file and go in
once they are mended, and all of it is undone."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.system import eventually
from tests.journeys.trade import Trade

pytestmark = [pytest.mark.journey, pytest.mark.timeout(400)]

HEAD = "货号,品名,英文名称,售价,重量(克)\n"
GOOD = "{0}1,旅程碗,Journey bowl,12.50,300\n{0}2,旅程盘,Journey plate,15.00,420\n{0}3,旅程杯,Journey cup,9.90,210\n"
WRONG = (
    "{0}4,旅程壶,Journey pot,很贵,500\n{0}5,,,8.00,100\n{0}6,旅程勺,Journey spoon,-3,40\n{0}1,旅程碗,Journey bowl,13.00,300\n"
    "{0}7,旅程瓶,Journey vase,=cmd|'/c calc'!A0,700\n"
)
MENDED = "{0}4,旅程壶,Journey pot,39.00,500\n{0}5,旅程匙,Journey scoop,8.00,100\n"


def test_good_rows_in_wrong_rows_back_and_undone(trade: Trade, tmp_path: Path) -> None:
    page, code, file, mended = (
        trade.staff("owner"),
        trade.sku("IMP"),
        tmp_path / "goods.csv",
        tmp_path / "mended.csv",
    )
    file.write_text(HEAD + (GOOD + WRONG).format(code), encoding="gbk")
    _upload(trade, page, file)
    trade.picture(page, "import-columns")
    _check(page)
    expect(page.locator("input[name=mode][value=good]")).to_be_checked()
    trade.picture(page, "import-trial")
    assert [row[2] for row in _wrong_rows(page)[1:]] == [f"{code}{each}" for each in "45617"]
    assert _there(trade, code) == ""

    _run(page)
    trade.picture(page, "import-done")
    assert _there(trade, code) == "123"
    first = page.url
    mended.write_text(HEAD + MENDED.format(code), encoding="utf-8-sig")
    _upload(trade, page, mended)
    _check(page)
    expect(page.locator("input[name=mode][value=all]")).to_be_checked()
    _run(page)
    assert _there(trade, code) == "12345"

    page.goto(first)
    trade.confirm_dialog(page, "undo").locator("form button[type=submit], form .btn-danger").first.click()
    _wait_undone(trade, code)
    trade.picture(page, "import-undone")
    assert trade.complaints == []


def _upload(trade: Trade, page: Page, file: Path) -> None:
    page.goto(f"{trade.url}/office/imports/new")
    page.check("[name=kind][value=products]")
    page.set_input_files("[name=files]", file)
    page.locator("form[enctype] .btn-primary").click()
    page.wait_for_url(re.compile(r"/office/imports/[0-9a-f-]{36}$"))


def _check(page: Page) -> None:
    page.locator("form[action$='/columns'] .btn-primary").click()
    expect(page.locator("form[action$='/start']")).to_be_visible()


def _run(page: Page) -> None:
    page.locator("form[action$='/start'] .btn-primary").click()
    _wait_over(page)


def _wait_over(page: Page) -> None:
    expect(page.locator("a[href*='/imports/new?kind=products']")).to_be_visible()


def _wrong_rows(page: Page) -> list[list[str]]:
    link = page.locator("a[download][href*='/wrong']:not([href*='xlsx'])").first
    page.locator("details.dropdown", has=link).locator("summary").click()
    with page.expect_download() as coming:
        link.click()
    return list(csv.reader(io.StringIO(coming.value.path().read_text("utf-8-sig"))))


def _wait_undone(trade: Trade, code: str) -> None:
    eventually(lambda: _there(trade, code) == "45", "what the first file brought is gone, the second's stays")


def _there(trade: Trade, code: str) -> str:
    """The last signs of the SKUs that are in the catalogue."""
    query = "SELECT sku FROM catalog_variant WHERE sku LIKE %(like)s AND tenant_id = %(t)s ORDER BY sku"
    return "".join(row["sku"][-1] for row in trade.rows(query, like=f"{code}%", t=trade.tenant))
