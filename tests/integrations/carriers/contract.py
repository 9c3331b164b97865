"""What every carrier adapter has to keep to. A test of an adapter subclasses `CarrierContract` and says how its carrier is
made to do things; the carrier answers over real HTTP on this machine.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from datetime import datetime
from typing import Any

import pytest

from callcart.commerce.shipping.carrier import (
    Ability,
    CarrierAdapter,
    CarrierRefused,
    CarrierUnreachable,
    ForgedScan,
    NotOffered,
    Party,
    RateRequest,
    Scan,
    ShipmentRequest,
)
from callcart.core.money import Money

TO = Party("Ada Example", "+12125550142", "US", "Oregon", "Portland", "1 Pine Street", postcode="97201")


def wanted(reference: str, **changes: Any) -> ShipmentRequest:
    values = {
        "reference": reference,
        "service": "standard",
        "to": TO,
        "weight_g": 800,
        "contents": "tea",
    } | changes
    return ShipmentRequest(**values)


class CarrierContract:
    """Subclasses give: `make()`, an adapter that reaches the carrier; `unreachable()`, one that does not; `happened()`, a number
    with its scans at the carrier; `message()`, headers and body that tell of the same scans."""

    @abstractmethod
    def make(self) -> CarrierAdapter: ...

    @abstractmethod
    def unreachable(self) -> CarrierAdapter: ...

    @abstractmethod
    def happened(self) -> str: ...

    @abstractmethod
    def message(self) -> tuple[dict[str, str], bytes]: ...

    def needs(self, ability: Ability) -> CarrierAdapter:
        talk = self.make()
        if ability not in talk.abilities:
            pytest.skip(f"does not {ability}")
        return talk

    def test_what_it_does_not_claim_it_refuses(self) -> None:
        talk = self.make()
        for ability, act in (
            (Ability.RATE, lambda: talk.rate(RateRequest(TO, 1))),
            (Ability.CREATE, lambda: talk.create(wanted("1.x"))),
            (Ability.CANCEL, lambda: talk.cancel("x")),
        ):
            if ability not in talk.abilities:
                with pytest.raises(NotOffered):
                    act()

    def test_a_reference_is_one_shipment(self) -> None:
        talk = self.needs(Ability.CREATE)
        first, again = talk.create(wanted("1.once")), talk.create(wanted("1.once"))
        assert first == again
        assert first.tracking and first.label
        assert talk.create(wanted("1.other")).tracking != first.tracking
        assert talk.label(first.tracking).body == first.label

    def test_a_shipment_can_be_called_off_twice_and_unknown_ones_not(self) -> None:
        talk = self.needs(Ability.CANCEL)
        made = talk.create(wanted("1.off"))
        talk.cancel(made.tracking)
        talk.cancel(made.tracking)
        with pytest.raises(CarrierRefused):
            talk.cancel("NOSUCHNUMBER")

    def test_what_makes_no_sense_is_refused_with_a_reason(self) -> None:
        talk = self.needs(Ability.CREATE)
        with pytest.raises(CarrierRefused) as refused:
            talk.create(wanted("1.wrong", weight_g=-5))
        assert refused.value.details["reason"]

    def test_prices(self) -> None:
        talk = self.needs(Ability.RATE)
        light = talk.rate(RateRequest(TO, 500, cod=Money(100, "USD")))
        heavy = talk.rate(RateRequest(TO, 9000, cod=Money(100, "USD")))
        assert light and all(each.price.minor > 0 and each.price.currency == "USD" for each in light)
        assert min(each.price.minor for each in heavy) > min(each.price.minor for each in light)

    def test_scans_carry_a_zone_and_a_reference_and_unknown_numbers_have_none(self) -> None:
        talk, number = self.needs(Ability.TRACK), self.happened()
        scans = talk.track([number, "NOSUCHNUMBER"])
        assert scans and {each.tracking for each in scans} == {number}
        assert all(each.at.tzinfo is not None and each.reference for each in scans)
        assert talk.track([]) == []

    def test_pushed_and_asked_for_it_is_the_same_scan(self) -> None:
        talk, number = self.needs(Ability.PUSH), self.happened()
        pushed = talk.parse_webhook(*self.message())
        asked = {each.reference: each for each in talk.track([number])}
        assert pushed and all(asked[each.reference] == each for each in pushed)

    def test_only_signed_messages_are_believed(self) -> None:
        talk = self.needs(Ability.PUSH)
        headers, body = self.message()
        for wrong_headers, wrong_body in (
            ({}, body),
            (headers, body + b" "),
            ({name: "é" + value[1:] for name, value in headers.items()}, body),
            (dict.fromkeys(headers, ""), b""),
        ):
            with pytest.raises(ForgedScan):
                talk.parse_webhook(wrong_headers, wrong_body)

    def test_a_carrier_that_does_not_answer(self) -> None:
        talk = self.unreachable()
        with pytest.raises(CarrierUnreachable):
            talk.track(["X1"])
        if Ability.CREATE in talk.abilities:
            with pytest.raises(CarrierUnreachable):
                talk.create(wanted("1.down"))


def as_json(values: Any) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def states(scans: list[Scan]) -> list[str]:
    return [str(each.state) for each in sorted(scans, key=lambda each: each.at)]
