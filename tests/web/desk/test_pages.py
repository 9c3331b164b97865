"""Every view of the desk: opens in both languages in every phase of a call; only for whoever may; nothing next door."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.web.desk.stage import GRACE, STRANGER, Stage

PIECES = (
    "",
    "figures",
    "inbox",
    "idle",
    "now",
    "look-up?q=grace",
    "look-up?q=",
    "order/search?q=ck08",
    "order/search",
)
PHASES = ("waiting", "ringing", "talking", "wrapping")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_piece_opens(desk: Stage, language: str) -> None:
    client = desk.client(language=language)
    for piece in PIECES:
        answer = client.get(f"/desk/{piece}")
        assert answer.status_code == 200, (piece, answer.content.decode()[:500])
        assert answer["Cache-Control"] == "no-store", piece


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("number", [GRACE, STRANGER, ""])
@pytest.mark.parametrize("phase", PHASES)
def test_a_call_opens_in_every_phase(desk: Stage, phase: str, number: str, language: str) -> None:
    talk = getattr(desk, phase)(number)
    answer = desk.client(language=language).get(f"/desk/c/{talk}")
    assert answer.status_code == 200
    page = answer.content.decode()
    wanted = {"waiting": "before", "ringing": "offered", "talking": "active", "wrapping": "wrap_up"}[phase]
    assert f'data-phase="{wanted}"' in page
    assert ('data-call="answer"' in page) is (phase == "ringing")
    assert ('data-call="hangup"' in page) is (phase == "talking")
    assert ("data-level" in page) is (phase == "wrapping")


def test_only_for_staff_who_use_the_desk(desk: Stage) -> None:
    talk = desk.ringing()
    stranger = desk.client("ware")
    for piece in [*PIECES, f"c/{talk}"]:
        assert stranger.get(f"/desk/{piece}").status_code == 403, piece
    stranger.cookies.clear()
    for piece in [*PIECES, f"c/{talk}"]:
        answer = stranger.get(f"/desk/{piece}")
        assert answer.status_code in (302, 303), piece
        assert answer["Location"].startswith("/login")


def test_a_script_without_session_is_told_so(desk: Stage) -> None:
    client = desk.client()
    client.cookies.clear()
    answer = client.get("/desk/now", headers={"accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"


def test_nothing_of_the_shop_next_door_is_found(desk: Stage, other: Stage) -> None:
    talk = other.ringing("+8613800005678")
    mine = desk.talking()
    with other.transaction():
        from callcart.commerce.orders.models import Order
        from callcart.people.customers.models import Customer

        customer, order = Customer.objects.all()[0].id, Order.objects.all()[0].id
    client = desk.client("owner")
    for page in (f"c/{talk}", f"customer/{customer}", f"order?customer={customer}", f"order/repeat/{order}"):
        assert client.get(f"/desk/{page}").status_code == 404, page
    for page, body in (
        (f"c/{talk}/customer", {"customer": str(customer)}),
        (f"c/{mine}/customer", {"customer": str(customer)}),
        (f"c/{talk}/new-customer", {"name": "Nobody"}),
        (f"c/{talk}/note", {"text": "hello"}),
        (f"c/{talk}/draft", {"note": "hello"}),
        (f"c/{talk}/wrap-up", {"note": "hello"}),
        (f"c/{talk}/decline", {"offer": str(uuid4())}),
        (f"c/{talk}/call/hangup", {}),
        (f"reveal/{customer}", {}),
        (f"order/{order}/pay", {}),
    ):
        answer = client.post(f"/desk/{page}", body, content_type="application/json")
        assert answer.status_code == 404, (page, answer.content.decode()[:300])
    assert other.record(talk).customer_id is None
    assert desk.record(mine).customer_id != customer
    assert "林晓梅" not in client.get("/desk/look-up?q=林晓梅").content.decode()


@pytest.mark.parametrize("body", [b"[1]", b"{", b"\xff\xfe", b'"x"', b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(desk: Stage, body: bytes) -> None:
    answer = desk.client().post("/desk/state", body, content_type="application/json")
    assert answer.status_code == 400
    assert desk.state().state == "offline"


@pytest.mark.parametrize(
    "text", ["\x00", "%", "<b>x</b>", "'; --", "😀" * 200, "\u202eabc", "9" * 300, "a" * 9000]
)
def test_looking_up_anything_is_harmless(desk: Stage, text: str) -> None:
    client = desk.client()
    for piece in ("look-up", "order/search"):
        answer = client.get(f"/desk/{piece}", {"q": text})
        assert answer.status_code == 200, piece
        assert "<b>x" not in answer.content.decode()
