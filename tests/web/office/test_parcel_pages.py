"""Parcels and carriers in the office: lists, one parcel with what staff do about it, carriers with services and prices, files."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.test import Client

from callcart.commerce.shipping.booking import send_booking
from callcart.commerce.shipping.fake import LABEL, FakeCarrier
from callcart.commerce.shipping.models import (
    Booking,
    Carrier,
    CarrierService,
    CarrierZone,
    CutOff,
    Holiday,
    Parcel,
    ParcelEvent,
)
from callcart.commerce.shipping.public import quotes
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from callcart.core.tenancy import tenant_transaction
from tests.commerce.shipping.conftest import Depot, open_depot, packed, swift
from tests.commerce.shipping.test_tracking import scan
from tests.web.office.office import Office, field_error, words

__all__ = ["swift"]


@pytest.fixture
def depot(office: Office, swift: FakeCarrier) -> Depot:
    return open_depot(office.shop, adapter="fake")


def at(parcel: Parcel, *rest: object) -> str:
    return "/".join(["/office/parcels", str(parcel.id), *(str(each) for each in rest)])


def sheet(depot: Depot) -> str:
    return f"/office/carriers/{depot.carrier.id}/services/{depot.road.id}/rates"


def test_lists_filter_page_and_say_what_to_do(office: Office, depot: Depot) -> None:
    client = office.client("warehouse")
    assert "No parcels yet" in words(client.get("/office/parcels"))
    assert "No parcel is in trouble" in words(client.get("/office/parcels/troubles"))
    first, second = packed(depot), packed(depot, tracking="T2", carrier="Another")
    Parcel.objects.filter(id=second.id).update(state="lost", trouble="lost", trouble_at=second.made_at)
    both = words(client.get("/office/parcels"))
    assert "T1" in both and "T2" in both and "Swift" in both
    for query, shown in (
        ("state=lost", "T2"), ("going=1", "T1"), (f"carrier={depot.carrier.id}", "T1"), ("trouble=lost", "T2"),
        ("q=T2", "T2"), (f"q={first.number}", "T1"), ("age=3", ""), ("q=nothing", ""), ("state=nonsense&q=T1", "T1"),
        ("after=broken", "T1"), (f"warehouse={depot.shop.warehouses['east'].id}", ""),
    ):  # fmt: skip
        said = words(client.get(f"/office/parcels?{query}"))
        assert (f" {shown} " in said) if shown else ("No parcel fits" in said), query
    troubles = words(client.get("/office/parcels/troubles"))
    assert " T2 " in troubles and " T1 " not in troubles


def test_pages_go_on_by_keys(office: Office, depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callcart.web.office.parcels.parcels.PAGE", 2)
    parcels = [packed(depot, tracking=f"T{number}") for number in range(3)]
    Parcel.objects.update(trouble="stuck", trouble_at=parcels[0].made_at)
    for address in ("/office/parcels", "/office/parcels/troubles"):
        client, seen, following = office.client(), [], address
        while following:
            text = client.get(following).content.decode()
            seen += [each.tracking for each in parcels if f">{each.tracking}<" in text]
            following = ""
            if 'rel="next"' in text:
                following = address + text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        assert sorted(seen) == ["T0", "T1", "T2"], address


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_parcels_page_shows_every_scan(
    office: Office, depot: Depot, swift: FakeCarrier, language: str
) -> None:
    parcel = packed(depot)
    swift.happen(scan(parcel, "exception", -0.1))
    swift.happen(scan(parcel, "exception", 0))
    said = words(office.client("agent", language=language).get(at(parcel)))
    assert "T1" in said
    assert ("Scans" if language == "en" else "扫描") in said


def test_a_report_by_hand_a_claim_and_a_number(office: Office, depot: Depot) -> None:
    parcel = packed(depot, tracking="")
    clerk = office.client("warehouse")
    assert clerk.post(at(parcel, "report"), {"state": "nonsense"}).status_code == 422
    assert clerk.post(at(parcel, "number"), {"carrier": "x", "tracking": "N1"}).status_code == 422
    assert (
        clerk.post(at(parcel, "number"), {"carrier": depot.carrier.id, "tracking": "N1"}).status_code == 303
    )
    again = clerk.post(at(parcel, "number"), {"carrier": depot.carrier.id, "tracking": "N2"})
    assert again.status_code == 409
    assert "already has another tracking number" in words(again)
    assert clerk.post(at(parcel, "claim"), {"claim_note": "Asked for 12.00"}).status_code == 303
    assert clerk.post(at(parcel, "report"), {"state": "delivered", "text": "She called"}).status_code == 303
    parcel.refresh_from_db()
    assert (parcel.tracking, parcel.claim_note, parcel.state) == ("N1", "Asked for 12.00", "delivered")
    assert ParcelEvent.objects.get(parcel=parcel, state="delivered").text == "She called"


def test_booking_from_the_page_to_the_label(office: Office, depot: Depot, swift: FakeCarrier) -> None:
    parcel = packed(depot, tracking="")
    clerk = office.client("warehouse")
    assert "Book a carrier" in words(clerk.get(at(parcel)))
    refused = clerk.post(at(parcel, "book"), {"service": depot.road.id, "weight": "heavy"})
    assert (refused.status_code, Booking.objects.count()) == (422, 0)
    assert "kilograms" in field_error(refused, "weight")
    assert clerk.post(at(parcel, "book"), {"service": depot.road.id, "weight": "0.75"}).status_code == 303
    row = Booking.objects.get()
    assert (row.weight_g, row.receiver["city"]) == (750, "Portland")
    send_booking(booking_id=str(row.id))
    label = clerk.get(at(parcel, "bookings", row.id, "label"))
    assert b"".join(label) == LABEL  # type: ignore[call-overload]
    assert clerk.get(at(packed(depot, tracking="X"), "bookings", row.id, "label")).status_code == 404
    assert clerk.post(at(parcel, "bookings", row.id, "cancel")).status_code == 303
    row.refresh_from_db()
    assert row.state == "cancelling"


def test_who_may_only_look_changes_nothing(office: Office, depot: Depot) -> None:
    parcel = packed(depot)
    agent = office.client("agent")
    assert "Report" not in words(agent.get(at(parcel)))
    for act in ("report", "claim", "number", "book"):
        assert agent.post(at(parcel, act), {"state": "lost", "claim_note": "x"}).status_code == 403, act
    with tenant_transaction(office.shop.tenant_id):  # a page outside of transactions leaves no shop behind
        parcel.refresh_from_db()
    assert (parcel.state, parcel.claim_note) == ("packed", "")
    for address in (sheet(depot), "/office/carriers/holidays", f"/office/carriers/{depot.carrier.id}"):
        assert agent.post(address, {"pasted": "zone,1\nX,1", "code": "x", "name": "x"}).status_code in {
            403,
            422,
        }
    assert CarrierZone.objects.count() == 3
    assert office.client("owner").get(f"/office/parcels/{new_id()}").status_code == 404


CARRIER = {
    "code": "new", "name": "New One", "name_zh": "新", "stuck_days": "4", "poll_minutes": "30", "position": "1",
    "adapter": "fake", "account_token": "s3cret", "is_active": "1",
}  # fmt: skip
SERVICE = {
    "code": "std", "name": "Standard", "days_min": "1", "days_max": "3", "divisor": "6000", "max_weight": "30", "fuel": "2.5",
    "cod_fee": "1.50", "cod_share": "1.2", "cod_most": "500", "takes_cod": "1", "is_active": "1", "position": "0",
    "on": ["0", "1"], "until_0": "16:30", "method": ["ground"],
}  # fmt: skip


def test_a_carrier_with_its_service_and_days(office: Office, swift: FakeCarrier) -> None:
    owner = office.client("owner")
    assert "No carriers yet" in words(owner.get("/office/carriers"))
    wrong = owner.post("/office/carriers/new", CARRIER | {"stuck_days": "many", "poll_minutes": "-"})
    assert wrong.status_code == 422
    assert field_error(wrong, "stuck_days") and field_error(wrong, "poll_minutes")
    assert owner.post("/office/carriers/new", CARRIER).status_code == 303
    carrier = Carrier.objects.get(code="new")
    page = owner.get(f"/office/carriers/{carrier.id}")
    assert b"s3cret" not in page.content and "s3cret" not in carrier.account
    assert f"/hooks/carriers/{office.shop.tenant_id}/{carrier.id}" in words(page)
    assert "s3cret" not in str(list(AuditEntry.objects.values_list("after", flat=True)))
    sealed = carrier.account
    owner.post(f"/office/carriers/{carrier.id}", CARRIER | {"account_token": "", "name": "Renamed"})
    carrier.refresh_from_db()
    assert (carrier.name, carrier.account) == ("Renamed", sealed)

    address = f"/office/carriers/{carrier.id}/services/new"
    wrong = owner.post(
        address, SERVICE | {"fuel": "x", "until_0": "25:99", "cod_fee": "-1", "max_weight": "0"}
    )
    assert wrong.status_code == 422
    assert all(field_error(wrong, name) for name in ("fuel", "until_0", "cod_fee", "max_weight"))
    assert CarrierService.objects.count() == 0
    assert owner.post(address, SERVICE).status_code == 303
    row = CarrierService.objects.get()
    assert (row.max_weight_g, row.fuel_bp, row.cod_fee_minor, row.cod_bp, row.delivers_on) == (
        30_000, 250, 150, 120, [0, 1],
    )  # fmt: skip
    assert [(each.weekday, str(each.at)) for each in CutOff.objects.all()] == [(0, "16:30:00")]
    again = owner.get(f"/office/carriers/{carrier.id}/services/{row.id}").content.decode()
    assert 'value="16:30"' in again and 'value="2.5"' in again
    assert owner.post("/office/carriers/holidays", {"days": "2026-12-25 Christmas\nsoon"}).status_code == 422
    assert owner.post("/office/carriers/holidays", {"days": "2026-12-25 Christmas\n\n"}).status_code == 303
    assert Holiday.objects.get().name == "Christmas"


def typed(depot: Depot, owner: Client) -> dict[str, str]:
    """The form of the rate sheet as it came."""
    import re

    text = owner.get(sheet(depot)).content.decode()
    return dict(re.findall(r'<input class="[^"]*" name="([\d.w]+[^"]*)" value="([^"]*)"', text))


def test_the_rate_sheet_is_saved_as_it_was_and_changed_where_it_was(office: Office, depot: Depot) -> None:
    owner = office.client("owner")
    form = typed(depot, owner)
    assert form["0.zone"] == "Everywhere" and form["w.0"] == "1" and form["0.w0"] == "9.00"
    before = quotes(country="US", region="Ohio", weight_g=7000)[0].price
    assert owner.post(sheet(depot), form).status_code == 303
    assert quotes(country="US", region="Ohio", weight_g=7000)[0].price == before
    assert owner.post(
        sheet(depot), form | {"0.w0": "8.50", "3.zone": "China", "3.countries": "CN", "3.w1": "40"}
    )
    assert quotes(country="CN", weight_g=5000)[0].parts[0].amount.minor == 4000
    assert CarrierZone.objects.count() == 4
    wrong = owner.post(
        sheet(depot), form | {"0.w0": "cheap", "1.days": "9-2", "2.countries": "Narnia", "w.1": "0.5"}
    )
    assert wrong.status_code == 422
    said = words(wrong)
    assert all(
        each in said for each in ("An amount such as", "Days such as", "Two letters", "from light to heavy")
    )
    assert 'value="cheap"' in wrong.content.decode()
    assert CarrierZone.objects.count() == 4


def test_a_table_is_pasted_whole_or_not_at_all(office: Office, depot: Depot) -> None:
    owner = office.client("owner")
    table = "分区\t国家\t省份\t天数\t续重kg\t续重费\t1 kg\t3公斤\n华东\tCN\t浙江省，上海\t1-2\t1\t2\t8\t12\n全国\tCN\t\t3\t1\t5\t12\t20\n"
    assert owner.post(sheet(depot), {"pasted": table}).status_code == 303
    assert quotes(country="CN", region="浙江", weight_g=4500)[0].parts[0].amount.minor == 1600
    assert quotes(country="CN", region="四川", weight_g=1)[0].parts[0].amount.minor == 1200
    for bad, said in (
        ("zone", "A table has a row of headings"),
        ("zone,colour\nX,red", "This column is not known: colour"),
        ("country,1\nUS,2", "is missing"),
        ("zone,1\nX,=1+1", "An amount such as"),
        ("zone,1\nX,", "This zone has no price"),
        ("zone,1\n" + "X,1\n" * 600, "too much"),
    ):
        refused = owner.post(sheet(depot), {"pasted": bad})
        assert refused.status_code == 422 and said in words(refused), bad
    assert CarrierZone.objects.count() == 2
    file = owner.get(sheet(depot) + ".csv").content.decode("utf-8-sig")
    assert owner.post(sheet(depot), {"pasted": file}).status_code == 303
    assert owner.get(sheet(depot) + ".csv").content.decode("utf-8-sig") == file


def test_what_it_would_cost(office: Office, depot: Depot) -> None:
    owner = office.client("owner")
    said = words(owner.get("/office/carriers/try?country=US&region=Ohio&weight=1.001&size=30x20x10&cod=100"))
    assert "Swift · Road" in said and "Carriage $15.00" in said and "Fuel $1.50" in said
    assert "Nobody carries this" in words(owner.get("/office/carriers/try?country=CN&weight=1"))
    wrong = owner.get("/office/carriers/try?country=US&weight=-1&size=big&cod=x")
    assert wrong.status_code == 422
    assert all(field_error(wrong, name) for name in ("weight", "size", "cod"))


def test_the_list_for_a_carrier_in_its_columns(office: Office, depot: Depot) -> None:
    parcel = packed(depot, tracking="")
    Parcel.objects.filter(id=parcel.id).update(carried_by=depot.carrier)
    clerk = office.client("warehouse")
    address = f"/office/carriers/{depot.carrier.id}/list"
    answer = clerk.post(address, {"layout": "收件人 = name\n电话 = phone\n单号 = parcel", "encoding": "gbk"})
    assert answer.content.decode("gb18030").splitlines() == [
        "收件人,电话,单号",
        f"Ada Example,+12125550142,{parcel.number}",
    ]
    assert office.audited("shipping.carrier_list") == 1
    assert clerk.post(address, {"layout": "Name = nothing"}).status_code == 422
    depot.carrier.refresh_from_db()
    assert (depot.carrier.encoding, depot.carrier.layout.splitlines()[0].strip()) == ("gbk", "收件人 = name")
    assert office.client("agent").post(address).status_code == 403


def test_a_file_from_a_carrier_through_the_page(office: Office, depot: Depot) -> None:
    parcel = packed(depot, tracking="")
    clerk = office.client("warehouse")
    address = f"/office/carriers/{depot.carrier.id}/file"
    past = (parcel.state_at - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")
    text = f"商家单号,运单号,状态,扫描时间\n{parcel.number},SF1,已揽收,{past}\n404,SF2,签收,{past}\n{parcel.number},SF1,飞走了,{past}\n"
    said = words(clerk.post(address, {"file": io.BytesIO(text.encode("gb18030"))}))
    assert "SF2" in said and "This status is not known: 飞走了" in said
    with tenant_transaction(office.shop.tenant_id):
        parcel.refresh_from_db()
    assert parcel.tracking == "SF1"
    assert clerk.post(address).status_code == 422
    assert clerk.post(address, {"file": io.BytesIO(b"\xff\xfe\x00")}).status_code == 422
