"""Parcels follow what carriers report, each report once, by the carrier's clock; methods reach where they reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from callcart.commerce.orders import history
from callcart.commerce.orders.public import Order, confirm_order, order_detail, ship_order
from callcart.commerce.shipping.methods import CodeTaken
from callcart.commerce.shipping.models import ParcelEvent
from callcart.commerce.shipping.public import (
    CarrierDraft,
    MethodDraft,
    Parcel,
    ParcelState,
    create_method,
    describe_state,
    methods_for,
    save_carrier,
    set_parcel_state,
)
from callcart.commerce.shipping.report import TrackingTaken
from callcart.commerce.shipping.states import Report, fold, sentence
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from callcart.core.money import Money
from tests.commerce.shop import Shop

NOON = datetime(2026, 3, 8, 17, 0, tzinfo=UTC)


@pytest.fixture
def parcel(shop: Shop) -> Parcel:
    shop.goods("A", west=9)
    order = confirm_order(shop.boss, shop.place(("A", 1)).id, version=1)
    return ship_order(shop.boss, order.id, version=2, carrier="Swift", tracking="T1")


def test_reports_move_it_once_each_and_a_late_one_not_back(shop: Shop, parcel: Parcel) -> None:
    later = parcel.state_at + timedelta(hours=5)
    for _ in range(2):
        set_parcel_state(
            shop.boss, parcel.id, ParcelState.OUT_FOR_DELIVERY, at=later, place="Salem", reference="r2"
        )
    set_parcel_state(
        shop.boss, parcel.id, ParcelState.IN_TRANSIT, at=later - timedelta(hours=2), reference="r1"
    )
    parcel.refresh_from_db()
    assert (parcel.state, parcel.place) == ("out_for_delivery", "Salem")
    assert ParcelEvent.objects.filter(parcel=parcel).count() == 3
    assert AuditEntry.objects.filter(action="shipping.update").count() == 1


@given(
    st.lists(
        st.builds(
            Report,
            st.sampled_from(ParcelState),
            st.integers(0, 5).map(lambda hours: NOON + timedelta(hours=hours)),
            st.sampled_from(["", "Salem"]),
        ),
        max_size=7,
    ),
    st.randoms(),
)
def test_the_order_of_arrival_does_not_matter(reports: list[Report], chance: object) -> None:
    mixed = [*reports, *reports[:2]]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    standing = fold(mixed)
    assert standing == fold(reports)
    delivered = [each.at for each in reports if each.state is ParcelState.DELIVERED]
    if standing and standing.state is ParcelState.IN_TRANSIT:
        assert (
            not delivered
            or min(delivered) >= standing.at
            or ParcelState.RETURNING in {r.state for r in reports}
        )


def test_a_tracking_number_is_one_parcels(shop: Shop, parcel: Parcel) -> None:
    order = confirm_order(shop.boss, shop.place(("A", 1)).id, version=1)
    with pytest.raises(TrackingTaken):
        ship_order(shop.boss, order.id, version=2, carrier="Swift", tracking="T1")
    assert (Parcel.objects.count(), Order.objects.get(id=order.id).version) == (1, 2)
    assert shop.stock("A") == {"west": (8, 1)}
    ship_order(shop.boss, order.id, version=2, carrier="Other", tracking="T1")


@pytest.mark.parametrize(("carrier", "tracking"), [("c" * 101, ""), ("", "t" * 10_000)])
def test_what_does_not_fit_is_refused_and_nothing_leaves(shop: Shop, carrier: str, tracking: str) -> None:
    shop.goods("A", west=9)
    order = confirm_order(shop.boss, shop.place(("A", 1)).id, version=1)
    with pytest.raises(Invalid):
        ship_order(shop.boss, order.id, version=2, carrier=carrier, tracking=tracking)
    assert shop.stock("A") == {"west": (9, 1)}


def test_odd_reports_are_kept_as_text(shop: Shop, parcel: Parcel) -> None:
    set_parcel_state(
        shop.boss,
        parcel.id,
        ParcelState.IN_TRANSIT,
        place="a\x00b🚚" + "x" * 10_000,
        text="<b>",
        reference="\x00\ud800",
    )
    parcel.refresh_from_db()
    assert parcel.place.startswith("a b🚚")
    assert len(parcel.place) == 200


def test_denied_and_unknown_reports_change_nothing(shop: Shop, parcel: Parcel) -> None:
    with pytest.raises(PermissionDenied):
        set_parcel_state(shop.staff("shipping.view"), parcel.id, ParcelState.LOST)
    with pytest.raises(NotFound):
        set_parcel_state(shop.boss, new_id(), ParcelState.LOST)
    parcel.refresh_from_db()
    assert parcel.state == "packed"


def test_said_in_both_languages(shop: Shop, parcel: Parcel) -> None:
    set_parcel_state(
        shop.boss, parcel.id, ParcelState.DELIVERED, at=NOON + timedelta(days=3650), place="Salem"
    )
    parcel.refresh_from_db()
    assert "Salem" in describe_state(parcel, "en")
    assert describe_state(parcel, "en").startswith("Your parcel was delivered on March 5 at")
    assert "3月5日" in describe_state(parcel, "zh-hans")


def codes(country: str, region: str, minor: int = 100, currency: str = "USD") -> list[str]:
    return [each.code for each in methods_for(country=country, region=region, goods=Money(minor, currency))]


def test_methods_reach_their_regions_countries_and_currency(shop: Shop) -> None:
    create_method(
        shop.boss, MethodDraft(code="sh", name="X", price_minor=1, countries=("cn",), zones=("上海市",))
    )
    assert codes("US", "oregon") == ["air", "bike", "ground"]
    assert codes("US", "Ohio") == ["air", "ground"]
    assert codes("CN", "上海") == ["air", "ground", "sh"]
    assert codes("", "") == ["air", "bike", "ground", "sh"]
    assert codes("US", "Oregon", currency="CNY") == []


def test_method_drafts_are_checked(shop: Shop) -> None:
    with pytest.raises(CodeTaken):
        create_method(shop.boss, MethodDraft(code="air", name="X", price_minor=1))
    with pytest.raises(Invalid) as refused:
        create_method(
            shop.boss,
            MethodDraft(code="", name="n" * 101, price_minor=-1, days_min=5, days_max=2, position=10**12),
        )
    assert set(refused.value.fields) == {"code", "name", "price_minor", "days_max", "position"}
    with pytest.raises(PermissionDenied):
        create_method(shop.staff("shipping.view"), MethodDraft(code="x", name="X", price_minor=1))


def test_history_names_the_carrier_in_the_readers_language(shop: Shop, parcel: Parcel) -> None:
    save_carrier(shop.boss, CarrierDraft(code="swift", name="Swift", name_zh="迅达快递"))
    said = {
        language: [row.text for row in order_detail(replace(shop.boss, language=language), parcel.order_id).history]
        for language in ("en", "zh-hans")
    }  # fmt: skip
    assert "Sent with Swift, tracking number T1" in said["en"]
    assert any("迅达快递" in text for text in said["zh-hans"])


def test_a_history_of_many_parcels_asks_for_carriers_once(shop: Shop, parcel: Parcel) -> None:
    save_carrier(shop.boss, CarrierDraft(code="swift", name="Swift", name_zh="迅达快递"))
    order = Order.objects.get(id=parcel.order_id)
    asked = []
    for number in range(2):
        with CaptureQueriesContext(connection) as found:
            said = [row.text for row in history.rows_of(order, "zh-hans")]
        assert sum("迅达快递" in text for text in said) == 1 + 3 * number
        asked.append(len(found))
        for each in range(3):
            history.note(shop.boss, order, "shipped", data={"carrier": "Swift", "tracking": f"T{each + 2}"})
    assert asked == [2, 2]


def test_chinese_sentences_have_no_gap_behind_the_place() -> None:
    for state in ParcelState:
        said = sentence(state, NOON, "上海市", language="zh-hans", timezone="Asia/Shanghai")
        assert "） " not in said and " （" not in said, said
