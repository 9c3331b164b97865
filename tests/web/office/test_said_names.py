"""Carriers and payment companies are called by their names in the reader's language, not by what documents keep."""

from __future__ import annotations

import re

from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.payments.finance import TillKind, TillRef
from callcart.commerce.shipping.public import CarrierDraft, save_carrier
from callcart.web.names import carrier_namer
from callcart.web.office.money import words as money_words
from tests.web.office.office import Office, words


def test_a_carrier_is_said_in_the_readers_language(office: Office) -> None:
    save_carrier(office.boss, CarrierDraft(code="swift", name="Swift", name_zh="迅达快递"))
    place = fulfilment.places_of(office.boss)[0]
    fulfilment.open_manifest(office.boss, place.id, carrier="Swift")
    assert "迅达快递" in words(office.client("owner", language="zh-hans").get("/office/handover"))
    assert " Swift " in words(office.client("owner").get("/office/handover"))
    say = carrier_namer()
    assert (say("Swift"), say("swift"), say("迅达快递"), say("Uncle Bob"), say("")) == (
        "Swift", "Swift", "Swift", "Uncle Bob", "",
    )  # fmt: skip


def test_handing_over_begins_with_a_carrier_and_offers_none_last(office: Office) -> None:
    save_carrier(office.boss, CarrierDraft(code="swift", name="Swift"))
    page = office.client("warehouse").get("/office/handover").content.decode()
    select = re.search(r'<select[^>]*name="carrier".*?</select>', page, re.DOTALL)
    assert select is not None
    options = re.findall(r'<option value="([^"]*)"( selected)?>', select[0])
    assert options == [("Swift", " selected"), ("", "")]


def test_a_payment_company_is_called_by_its_name() -> None:
    till = TillRef(TillKind.GATEWAY, "demo")
    assert money_words.holder(till, {}, {}) == "Test card (demonstration)"
    assert money_words.provider("long-gone") == "long-gone"
