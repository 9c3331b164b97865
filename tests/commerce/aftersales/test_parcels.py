"""Parcels that come back open a case by themselves; cases that wait too long are a task; the slip for the parcel."""

from __future__ import annotations

import io
from datetime import timedelta
from itertools import groupby

import pypdfium2
import pytest
from PIL import Image
from reportlab.graphics.barcode import code128

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.jobs import watch
from callcart.commerce.aftersales.label import return_label
from callcart.commerce.aftersales.models import Case
from callcart.commerce.orders.public import approve_order, hand_over
from callcart.commerce.payments.public import Refund, receive
from callcart.commerce.shipping.public import open_dispatches
from callcart.core import clock, events
from callcart.core.errors import Invalid
from callcart.people.tasks.public import Task
from tests.commerce.aftersales.counter import Counter


def test_a_refused_parcel_opens_one_case_whatever_else_is_scanned(counter: Counter) -> None:
    order = counter.delivered(("A", 2), paid=False, state="out_for_delivery")
    (parcel,) = counter.parcels(order)
    for state in ("refused", "returning", "returning", "returned"):
        counter.scan(parcel, state)
    case = Case.objects.get()
    assert (case.state, case.reason, case.parcel_id, case.channel) == (
        "waiting",
        "not_delivered",
        parcel.id,
        "carrier",
    )
    assert [row.quantity for row in case.lines.all()] == [2]
    order.refresh_from_db()
    assert (order.state, order.fulfilment_state, order.lines.get().returning) == ("confirmed", "returned", 0)
    counter.adds_up()


def test_cash_on_delivery_refused_ends_in_a_cancelled_order_and_goods_on_the_shelf(counter: Counter) -> None:
    order = counter.delivered(("A", 2), paid=False, state="refused")
    case = Case.objects.get()
    case = counter.settle(counter.inspect(counter.receive(case)))
    order.refresh_from_db()
    assert (case.state, case.refund_minor, order.state, order.payment_state) == (
        "closed",
        0,
        "cancelled",
        "nothing_due",
    )
    assert counter.parcels(order)[0].state == "returned"
    assert counter.shop.stock("A")["west"] == (50, 0)
    counter.adds_up()


def test_what_was_paid_for_and_never_arrived_is_owed_back_by_the_cancellation_once(counter: Counter) -> None:
    order = counter.delivered(("A", 2), state="refused")
    counter.settle(counter.inspect(counter.receive(Case.objects.get())))
    order.refresh_from_db()
    assert (order.state, order.payment_state) == ("cancelled", "refund_due")
    assert [row.amount_minor for row in Refund.objects.all()] == [order.total_minor]
    counter.adds_up()


@pytest.mark.parametrize("method", ["prepaid", "cod"])
def test_what_is_still_to_be_sent_outlives_the_parcel_that_came_back(counter: Counter, method: str) -> None:
    shop = counter.shop
    shop.goods("C", price=500, east=9)
    order = shop.place(("A", 2), ("C", 2), payment_method=method)
    with events.handled_at_once():
        if method == "prepaid":
            receive(shop.boss, order_id=order.id, method="cash", amount=order.total, idempotency_key="r")
        order.refresh_from_db()
        if order.state == "placed":
            approve_order(shop.boss, order.id, version=order.version)
        west = shop.warehouses["west"].id
        (gone,) = [each for each in open_dispatches(order.id) if each.warehouse_id == west]
        hand_over(shop.boss, gone.id)
    counter.scan(counter.parcels(order)[0], "refused")
    case = counter.settle(counter.inspect(counter.receive(Case.objects.get())))
    order.refresh_from_db()
    assert (order.state, shop.stock("C")["east"]) == ("confirmed", (9, 2))
    assert len(open_dispatches(order.id)) == 1
    given = sum(Refund.objects.values_list("amount_minor", flat=True))
    assert (case.refund_minor, given) == ((2333, 2333) if method == "prepaid" else (0, 0))
    counter.adds_up()


def test_a_parcel_that_brings_a_customers_own_return_opens_no_second_case(counter: Counter) -> None:
    order = counter.delivered(("A", 2))
    case = counter.accepted(order, 2)
    counter.scan(counter.parcels(order)[0], "returning")
    assert list(Case.objects.values_list("id", flat=True)) == [case.id]
    counter.adds_up()


def test_a_case_past_its_time_is_a_task_until_it_moves(counter: Counter) -> None:
    case = counter.accepted(counter.delivered(("A", 1)), 1)
    watch()
    assert not Task.objects.exists()
    with clock.frozen(clock.now() + timedelta(days=15)):
        watch()
        watch()
        assert aftersales.list_cases(counter.shop.boss, aftersales.CaseFilters(late=True)).rows[0].late
    assert [(row.kind, row.subject_id, row.state) for row in Task.objects.all()] == [
        ("return_late", case.id, "open")
    ]
    counter.receive(case)
    assert Task.objects.get().state == "done"


def test_the_slip_bears_the_number_as_code_128(counter: Counter) -> None:
    case = counter.accepted(counter.delivered(("A", 1)), 1)
    for language in ("en", "zh-hans"):
        page = return_label(case, language)
        assert page.startswith(b"%PDF")
        assert page == return_label(case, language)
    assert read_code_128(return_label(case, "en")) == case.number


def read_code_128(pdf: bytes) -> str:
    """A page's bars read back: runs of black and white into symbols, the check symbol verified, sets B and C into text."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=6).to_pil().convert("L")
    row = page.height * 30 // 148
    dark = [page.getpixel((x, row)) < 128 for x in range(page.width)]
    runs = [len(list(same)) for _colour, same in groupby(dark[dark.index(True) :])]
    module = sum(runs[:6]) / 11
    known = {pattern: value for value, pattern in code128._patterns.items() if isinstance(value, int)}
    symbols = []
    for at in range(0, len(runs) - 5, 6):
        widths = [round(each / module) for each in runs[at : at + 6]]
        pattern = "".join(chr(ord("a" if n % 2 else "A") - 1 + width) for n, width in enumerate(widths))
        if pattern not in known:
            break  # the stop
        symbols.append(known[pattern])
    *data, check = symbols
    assert (data[0] + sum(place * each for place, each in enumerate(data))) % 103 == check
    text, codes = "", {code128.startc: "C", code128.startb: "B"}[data[0]]
    for each in data[1:]:
        if each in (99, 100):
            codes = "C" if each == 99 else "B"
        else:
            text += f"{each:02d}" if codes == "C" else chr(each + 32)
    return text


def test_pictures_are_decoded_counted_and_kept_once(counter: Counter) -> None:
    case = counter.ask(counter.delivered(("A", 1)), 1, kind="claim", reason="damaged", wish="refund")
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(out, "PNG")
    keys = aftersales.keep_pictures([io.BytesIO(out.getvalue())])
    for _ in range(2):
        aftersales.add_pictures(counter.shop.boss, case.id, keys)
    assert case.pictures.count() == 1
    with pytest.raises(Invalid) as error:
        aftersales.keep_pictures([io.BytesIO(b"GIF89a" + b"x" * 50)])
    assert set(error.value.fields) == {"pictures"}
    with pytest.raises(Invalid):
        aftersales.keep_pictures([io.BytesIO(out.getvalue())] * 7)
    with pytest.raises(Invalid):
        aftersales.add_pictures(counter.shop.boss, case.id, [f"picture/00/{n:064x}.webp" for n in range(6)])
    assert case.pictures.count() == 1
