"""The order list: each filter, pages while orders come in, saved views, files for spreadsheets."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from openpyxl import load_workbook

from callcart.commerce.orders.models import SavedView
from callcart.commerce.orders.public import (
    Order,
    OrderFilters,
    cancel_order,
    confirm_order,
    count_orders,
    delete_view,
    export_rows,
    list_and_count,
    list_orders,
    list_views,
    sales_today,
    save_view,
    total_of,
    view_filters,
    write_csv,
    write_xlsx,
)
from callcart.core.actor import Grant
from callcart.core.clock import frozen
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from callcart.people.customers.public import create_customer
from tests.commerce.shop import ADDRESS, Shop

LATE = datetime(2026, 3, 9, 3, 30, tzinfo=UTC)  # 23:30 of the 8th in New York
NEXT = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)


@pytest.fixture
def orders(shop: Shop) -> dict[str, Order]:
    """Four orders that differ in everything a list is filtered by."""
    shop.goods("MUG", price=1000, west=50)
    shop.goods("LAMP", price=7000, west=50)
    sam = shop.staff("orders.place")
    ann = create_customer(shop.boss, name="Ann Example")
    found: dict[str, Order] = {}
    with frozen(LATE):
        found["late"] = shop.place(("MUG", 1), actor=sam, customer_id=ann.id)
        found["gone"] = shop.place(("MUG", 2), channel="web")
        cancel_order(shop.boss, found["gone"].id, reason="x", version=1)
    with frozen(NEXT):
        ohio = replace(ADDRESS, name="Zoë Müller 张伟", phone="+44 20 7946 0958", province="Ohio")
        found["ohio"] = shop.place(("LAMP", 1), address=ohio, payment_method="prepaid", delivery_method="air")
        found["sure"] = shop.place(("LAMP", 1), ("MUG", 1), delivery_method="bike")
        confirm_order(shop.boss, found["sure"].id, version=1)
    return found


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (OrderFilters(), {"late", "gone", "ohio", "sure"}),
        (OrderFilters(date_to=date(2026, 3, 8)), {"late", "gone"}),
        (OrderFilters(date_from=date(2026, 3, 9)), {"ohio", "sure"}),
        (OrderFilters(date_from=date(2026, 3, 9), date_to=date(2026, 3, 8)), set()),
        (OrderFilters(date_from=date.min, date_to=date.max), {"late", "gone", "ohio", "sure"}),
        (OrderFilters(states=("cancelled", "confirmed")), {"gone", "sure"}),
        (OrderFilters(payment_states=("due",)), {"ohio"}),
        (OrderFilters(fulfilment_states=("released",)), {"gone"}),
        (OrderFilters(payment_methods=("prepaid",)), {"ohio"}),
        (OrderFilters(delivery_methods=("bike", "air")), {"ohio", "sure"}),
        (OrderFilters(channels=("web",)), {"gone"}),
        (OrderFilters(region="ohi"), {"ohio"}),
        (OrderFilters(product="LAMP"), {"ohio", "sure"}),
        (OrderFilters(product="mug"), {"late", "gone", "sure"}),
        (OrderFilters(product="no such thing"), set()),
        (OrderFilters(text="zoe muller"), {"ohio"}),
        (OrderFilters(text="zhangwei"), {"ohio"}),
        (OrderFilters(text="020 7946 0958"), set()),
        (OrderFilters(text="+44 (20) 7946-0958"), {"ohio"}),
        (OrderFilters(text="％＿%_"), set()),
        (OrderFilters(text="x" * 10_000, region="\x00", product="\ud800"), set()),
        (OrderFilters(agent_ids=(new_id(),)), set()),
        (OrderFilters(customer_id=new_id()), set()),
        (OrderFilters(states=("confirmed",), product="LAMP", channels=("phone",)), {"sure"}),
    ],
)
def test_filters(shop: Shop, orders: dict[str, Order], filters: OrderFilters, names: set[str]) -> None:
    found = {row.id for row in list_orders(shop.boss, filters).rows}
    assert found == {orders[name].id for name in names}
    assert count_orders(shop.boss, filters) == len(names)


def test_by_number_agent_and_customer(shop: Shop, orders: dict[str, Order]) -> None:
    late = orders["late"]
    spoken = f"{late.number[:3]} {late.number[3:]}"
    for filters in (
        OrderFilters(text=spoken),
        OrderFilters(agent_ids=(late.agent_id or new_id(),)),
        OrderFilters(customer_id=late.customer_id),
    ):
        assert [row.id for row in list_orders(shop.boss, filters).rows] == [late.id]


def test_filters_survive_being_kept_as_plain_values() -> None:
    filters = OrderFilters(
        date_from=date(2026, 1, 2),
        states=("placed",),
        agent_ids=(new_id(), new_id()),
        customer_id=new_id(),
        text="张",
    )
    assert OrderFilters.from_dict(filters.to_dict()) == filters
    rubbish = {
        "date_from": "soon",
        "agent_ids": ["x"],
        "customer_id": "1",
        "states": "placed",
        "hacked": "1",
        "text": "a\x00b",
    }
    assert OrderFilters.from_dict(rubbish) == OrderFilters(states=("placed",), text="a b")


def test_pages_neither_skip_nor_repeat_while_orders_come_in(shop: Shop) -> None:
    shop.goods("A", west=100)
    with frozen(NEXT):  # all at the same moment: the id decides
        before = [shop.place(("A", 1)).id for _ in range(7)]
    seen: list[UUID] = []
    cursor = ""
    while True:
        page = list_orders(shop.boss, cursor=cursor, limit=3)
        seen += [row.id for row in page.rows]
        shop.place(("A", 1))  # a newer one, on top
        cursor = page.cursor
        if not cursor:
            break
    assert seen == before[::-1]


@pytest.mark.parametrize(
    "cursor",
    ["x", "_", "2026-01-01_x", "x" * 10_000, "\x00", f"9999-99-99T00:00:00_{UUID(int=7)}"],
)
def test_a_cursor_that_is_none_starts_again(shop: Shop, orders: dict[str, Order], cursor: str) -> None:
    assert len(list_orders(shop.boss, cursor=cursor).rows) == 4


def test_sums_leave_cancelled_orders_out(shop: Shop, orders: dict[str, Order]) -> None:
    sums = total_of(shop.boss, OrderFilters(date_to=date(2026, 3, 8)))
    assert (sums.orders, sums.total.minor) == (1, 1500)
    with frozen(NEXT):
        today = sales_today(shop.boss)
    assert (today.day, today.orders, today.total.minor) == (date(2026, 3, 9), 2, 8500 + 8300)
    assert today.by_channel["phone"][0] == 2


def test_numbers_are_masked_for_those_who_may_not_see_them(shop: Shop, orders: dict[str, Order]) -> None:
    rows = list_orders(shop.staff("orders.view")).rows
    assert {row.phone for row in rows} == {"****0142", "+44 ****0958"}
    full = list_orders(shop.staff("orders.view", "customers.see_phone")).rows
    assert {row.phone for row in full} == {"(212) 555-0142", "+44 20 7946 0958"}


def test_scopes_narrow_the_list(shop: Shop, orders: dict[str, Order]) -> None:
    assert not list_orders(shop.staff(orders__view=Grant(scope="own"))).rows
    only = list_orders(shop.staff(orders__view=Grant(scope="ohio"))).rows
    assert [row.id for row in only] == [orders["ohio"].id]
    with pytest.raises(PermissionDenied):
        list_orders(shop.staff("orders.place"))


def test_views_are_their_owners(shop: Shop) -> None:
    sam, eve = shop.staff("orders.view"), shop.staff("orders.view")
    view = save_view(
        sam, name="Today's cash", filters=OrderFilters(payment_methods=("cod",)), columns=["total"]
    )
    again = save_view(sam, name="Today's cash", filters=OrderFilters(states=("placed",)))
    assert (again.id, SavedView.objects.count()) == (view.id, 1)
    assert view_filters(again) == OrderFilters(states=("placed",))
    assert list_views(eve) == []
    with pytest.raises(NotFound):
        delete_view(eve, view.id)
    delete_view(sam, view.id)
    assert list_views(sam) == []
    for name in ("", "n" * 61, "\x00"):
        with pytest.raises(Invalid) as refused:
            save_view(sam, name=name, filters=OrderFilters())
        assert set(refused.value.fields) == {"name"}


@pytest.mark.parametrize("name", ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\t=1", " =1", "＝1+1"])
def test_a_formula_in_a_name_is_made_harmless(shop: Shop, name: str) -> None:
    shop.goods("A", price=1234567, west=5)
    shop.place(("A", 1), address=replace(ADDRESS, name=f"{name}x"))
    file = io.BytesIO()
    write_csv(export_rows(shop.boss), file)
    assert file.getvalue().startswith(b"\xef\xbb\xbf")
    heading, row = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline=""))
    cell = dict(zip(heading, row, strict=True))["Name"]
    assert cell.startswith("'")
    assert dict(zip(heading, row, strict=True))["Total"] == "12345.67"


def test_a_workbook_holds_texts_and_numbers(shop: Shop, orders: dict[str, Order]) -> None:
    file = io.BytesIO()
    write_xlsx(export_rows(shop.boss, OrderFilters(region="Ohio")), file)
    sheet = load_workbook(io.BytesIO(file.getvalue())).active
    assert sheet is not None
    heading, row = sheet.iter_rows(values_only=True)
    cells = dict(zip(heading, row, strict=True))
    assert cells["Order"] == orders["ohio"].number
    assert cells["Total"] == pytest.approx(85.0)
    assert cells["Name"] == "Zoë Müller 张伟"
    assert cells["Placed"] == "2026-03-09 14:00"


def test_an_export_has_every_page_and_is_written_down(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from callcart.commerce.orders import export

    monkeypatch.setattr(export, "_CHUNK", 2)
    shop.goods("A", west=9)
    for _ in range(5):
        shop.place(("A", 1))
    rows = list(export_rows(shop.boss, OrderFilters(channels=("phone",))))
    assert len(rows) == 6
    assert all(isinstance(row[12], Decimal) for row in rows[1:])
    assert AuditEntry.objects.get(action="orders.export").after == {"filters": {"channels": ["phone"]}}
    with pytest.raises(PermissionDenied):
        export_rows(shop.staff("orders.view"))


def test_a_page_and_its_count_are_the_list_and_the_count(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked up once for both, they must not say anything else than each alone."""
    monkeypatch.setattr("callcart.commerce.orders.queries.COUNT_PATIENCE", 60)  # a busy machine counts too
    shop.goods("A", west=50)
    shop.goods("B", west=50)
    for number in range(7):
        shop.place(("A" if number % 2 else "B", 1), payment_method="cod" if number % 3 else "prepaid")
    first = list_orders(shop.boss, limit=3)
    for filters in (
        None,
        OrderFilters(product="A"),
        OrderFilters(text="Ada"),
        OrderFilters(payment_methods=("cod",)),
        OrderFilters(product="none of it"),
    ):
        for cursor in ("", first.cursor, "nonsense"):
            page, total = list_and_count(shop.boss, filters, cursor=cursor, limit=3)
            assert page == list_orders(shop.boss, filters, cursor=cursor, limit=3)
            assert total == count_orders(shop.boss, filters)
