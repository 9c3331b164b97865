"""The warehouse's pages: what waits, rounds, the packing table, goods to put back, hand-over by scan, and their papers."""

from __future__ import annotations

import io
import json
from uuid import UUID

import pypdfium2
import pytest
from django.test import Client

from callcart.commerce.fulfilment.models import Box, BoxLine, Manifest, Packing, PutBack, Wave
from callcart.commerce.orders.public import cancel_order
from callcart.commerce.shipping.public import Dispatch, Parcel
from callcart.core import events
from callcart.core.ids import new_id
from tests.commerce.fulfilment.conftest import Dock, again, open_dock
from tests.web.office.office import Office, grouped, words


@pytest.fixture
def dock(office: Office) -> Dock:
    return open_dock(office.shop)


def scanned(client: Client, address: str, *codes: str) -> dict[str, object]:
    answer = client.post(
        address, {"code": list(codes), "key": str(new_id())}, headers={"Accept": "application/json"}
    )
    return {**json.loads(answer.content), "status": answer.status_code}


def paper_text(body: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(body))
    return " ".join(each.get_textpage().get_text_bounded() for each in document)


def test_the_list_filters_and_says_what_to_do(office: Office, dock: Dock) -> None:
    client = office.client("warehouse")
    assert "Nothing waits to be picked" in words(client.get("/office/dispatches"))
    found = dock.dispatch(("A", 2))
    number = grouped(found.number)
    west = dock.shop.warehouses["west"].name
    assert f"2 {west} Swift" in words(client.get("/office/dispatches"))
    for query, shown in (
        ("", True), ("state=packed", False), ("state=all", True), (f"q={found.number}", True), (f"q={grouped(found.order_number)}", True),
        ("q=nothing", False), ("carrier=Swift", True), (f"place={dock.shop.warehouses['east'].id}", False), ("after=broken", True),
    ):  # fmt: skip
        assert (number in words(client.get(f"/office/dispatches?{query}"))) is shown, query
    narrow = office.narrowed("warehouse", shipping__pack={"scope": "east"})
    assert number not in words(narrow.get("/office/dispatches?state=all"))
    agent = words(office.client("agent").get("/office/dispatches"))
    assert number in agent and "Pick on one round" not in agent


def test_a_round_on_the_phone_and_on_paper(office: Office, dock: Dock) -> None:
    client = office.client("warehouse")
    first, second = dock.dispatch(("A", 2), ("B", 1)), dock.dispatch(("A", 1))
    assert client.post("/office/dispatches/round", {"dispatch": ["nonsense"]}).status_code == 422
    answer = client.post("/office/dispatches/round", {"dispatch": [str(first.id), str(second.id)]})
    wave = Wave.objects.get()
    at = f"/office/rounds/{wave.id}"
    assert (answer.status_code, answer["Location"]) == (303, at)
    said = words(client.get(at))
    assert said.index("A-01") < said.index("B-02") and "Slot 2 × 1" in said
    assert grouped(wave.number) in words(client.get("/office/rounds"))
    variant = dock.shop.variants["A"].id
    assert client.post(f"{at}/articles/{variant}", {"picked": "4"}).status_code == 422
    assert client.post(f"{at}/articles/{variant}", {"picked": "x"}).status_code == 422
    assert client.post(f"{at}/articles/{variant}", {"picked": "3"}).status_code == 303
    paper = client.get(f"{at}/list")
    text = paper_text(paper.content)
    assert paper["Content-Type"] == "application/pdf" and "A-01" in text and "1: 2 2: 1" in text
    assert client.post(f"{at}/finish", {"all": "1"}).status_code == 303
    assert "Picked" in words(client.get(at))
    assert client.post(f"{at}/give-up").status_code == 409
    answer = client.post("/office/dispatches/round", {"dispatch": [str(first.id)]})
    assert answer.status_code == 409 and "None of these documents waits any more" in words(answer)


def test_the_table_says_what_is_wrong_and_packs_what_is_right(office: Office, dock: Dock) -> None:
    client = office.client("warehouse")
    found = dock.dispatch(("A", 2))
    answer = client.post("/office/packing", {"code": "nobody"})
    assert answer.status_code == 422 and "No waybill, document or order has this number." in words(answer)
    answer = client.post("/office/packing", {"code": grouped(found.order_number)})
    packing = Packing.objects.get()
    at = f"/office/packing/{packing.id}"
    assert answer["Location"] == at
    said = scanned(client, at, "A", "B", "nonsense")
    assert [(each["outcome"], each["tone"], each["progress"]) for each in said["scans"]] == [  # type: ignore[attr-defined]
        ("booked", "green", "1 of 2"), ("wrong", "red", ""), ("unknown", "red", ""),
    ]  # fmt: skip
    assert said["scans"][1]["said"] == "WRONG ITEM: take it out"  # type: ignore[index]
    assert client.post(f"{at}/done", {}).status_code == 409
    assert "Everything is in" not in said["lines"]  # type: ignore[operator]
    assert "Everything is in" in scanned(client, at, "A")["lines"]  # type: ignore[operator]
    assert client.post(f"{at}/done", {"weight-1": "heavy"}).status_code == 422
    assert again(found).state == "picking"
    answer = client.post(f"{at}/done", {"weight-1": "0.45", "tracking-1": "SF 9"})
    assert (answer.status_code, answer["Location"]) == (303, "/office/packing")
    box = Box.objects.get()
    assert (again(found).state, box.weight_g, box.tracking) == ("packed", 450, "SF9")


def test_another_clerk_is_told_and_may_take_over(office: Office, dock: Dock) -> None:
    found = dock.dispatch(("A", 1))
    office.client("warehouse").post("/office/packing", {"code": found.number})
    packing = Packing.objects.get()
    owner = office.client("owner")
    answer = owner.post("/office/packing", {"code": found.number})
    assert answer.status_code == 409
    assert "Warehouse Example is packing this." in words(answer) and "Take it over" in words(answer)
    said = scanned(owner, f"/office/packing/{packing.id}", "A")
    assert said["status"] == 409 and "no longer have this on your table" in str(said["message"])
    assert BoxLine.objects.count() == 0
    owner.post("/office/packing", {"code": found.number, "take_over": "1"})
    assert scanned(owner, f"/office/packing/{packing.id}", "A")["status"] == 200


def test_a_cancelled_order_stops_the_table_and_fills_the_list(office: Office, dock: Dock) -> None:
    client = office.client("warehouse")
    found = dock.dispatch(("A", 1))
    client.post("/office/packing", {"code": found.number})
    at = f"/office/packing/{Packing.objects.get().id}"
    scanned(client, at, "A")
    with events.handled_at_once():
        cancel_order(office.boss, found.order_id, reason="no more", version=2)
    said = scanned(client, at, "A")
    assert said["status"] == 409 and "Put the goods back" in str(said["message"])
    assert "STOP: this was cancelled" in str(said["lines"])
    shown = words(client.get("/office/put-back"))
    assert "B-02" in shown and "The order was cancelled" in shown
    client.post(f"/office/put-back/{PutBack.objects.get().id}")
    assert "Nothing to put back" in words(client.get("/office/put-back"))


def test_taking_apart_and_laying_aside(office: Office, dock: Dock) -> None:
    client = office.client("warehouse")
    found = dock.dispatch(("A", 2))
    client.post("/office/packing", {"code": found.number})
    at = f"/office/packing/{Packing.objects.get().id}"
    assert client.post(f"{at}/box").status_code == 409
    scanned(client, at, "A")
    assert client.post(f"{at}/box").status_code == 303
    assert "Laid aside" in words(client.get(client.post(f"{at}/leave")["Location"]))
    assert client.post(f"{at}/apart")["Location"] == "/office/put-back"
    assert (again(found).state, PutBack.objects.get().quantity) == ("waiting", 1)


def test_handing_over_by_scan_and_the_drivers_list(office: Office, dock: Dock) -> None:
    client = office.client("warehouse")
    found, other = dock.dispatch(("A", 1)), dock.dispatch(("A", 1))
    dock.packed(dock.clerk(), found, "A")
    place = str(dock.shop.warehouses["west"].id)
    assert client.post("/office/handover", {"place": "nonsense"}).status_code == 422
    assert "Packed, waiting for the carrier" in words(client.get("/office/handover"))
    answer = client.post("/office/handover", {"place": place, "carrier": "Swift"})
    manifest = Manifest.objects.get()
    at = f"/office/handover/{manifest.id}"
    assert answer["Location"] == at
    box = Box.objects.get()
    said = scanned(client, at, box.number, other.number, box.number)
    assert [each["said"] for each in said["scans"]] == [  # type: ignore[attr-defined]
        "Handed over", "No waybill has this number", "Scanned before",
    ]  # fmt: skip
    assert (Parcel.objects.get().number, again(found).state) == (box.number, "handed_over")
    assert client.post(f"{at}/close", {"driver": "Zhang"}).status_code == 303
    text = paper_text(client.get(f"{at}/list").content)
    assert "Swift" in text and "Ada Example, Portland" in text and "Taken by Zhang" in text
    assert client.post(f"{at}/close").status_code == 409


@pytest.mark.parametrize("language", ["en", "zh"])
def test_papers_and_pages_in_both_languages(office: Office, dock: Dock, language: str) -> None:
    client = office.client("warehouse", language=language)
    found = dock.dispatch(("A", 1))
    client.post("/office/dispatches/round", {"dispatch": [str(found.id)]})
    wave = Wave.objects.get()
    for address in (
        "/office/dispatches?state=all",
        "/office/rounds",
        "/office/packing",
        "/office/handover",
        "/office/put-back",
    ):
        assert client.get(address).status_code == 200, address
    text = paper_text(client.get(f"/office/rounds/{wave.id}/list").content)
    assert ("东西 A" if language == "zh" else "Thing A") in text


def test_who_may_not_pack_sees_no_table_and_moves_nothing(office: Office, dock: Dock) -> None:
    found = dock.dispatch(("A", 1))
    client = office.client("agent")
    for address in ("/office/packing", "/office/rounds", "/office/handover", "/office/put-back"):
        assert client.get(address).status_code == 403, address
    assert client.post("/office/dispatches/round", {"dispatch": [str(found.id)]}).status_code == 403
    narrow = office.narrowed("warehouse", shipping__pack={"scope": "east"})
    assert narrow.post("/office/packing", {"code": found.number}).status_code == 403
    assert narrow.post("/office/dispatches/round", {"dispatch": [str(found.id)]}).status_code == 403
    assert narrow.get(f"/office/packing/{UUID(int=1)}").status_code == 404
    assert (Wave.objects.count(), Packing.objects.count(), again(found).state) == (0, 0, "waiting")
    assert Dispatch.objects.count() == 1
