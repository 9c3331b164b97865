"""17TRACK, by shapes of its documents (invented values) on a server of this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from callcart.commerce.shipping.carrier import CarrierAdapter, CarrierRefused, CarrierUnreachable, ForgedScan
from callcart.commerce.shipping.models import ParcelState
from callcart.integrations.carriers.seventeen import SeventeenTrack
from tests.environment import free_ports
from tests.integrations.carriers.contract import CarrierContract, as_json, at, states

TOKEN = "0123456789ABCDEF"  # invented
NUMBER = "RR123456785XX"


def event(time: str, sub_status: str, description: str, location: str = "", **more: Any) -> dict[str, Any]:
    return {
        "time_iso": None, "time_utc": time, "description": description, "location": location, "stage": None,
        "sub_status": sub_status,
    } | more  # fmt: skip


EVENTS = [
    event("2026-03-09T15:20:00Z", "OutForDelivery_Other", "Out for delivery", "PORTLAND, OR"),
    event("2026-03-08T02:00:00Z", "InTransit_Arrival", "Arrived at facility", "RENO, NV"),
    event("2026-03-06T09:00:00Z", "InTransit_PickedUp", "Picked up", "NEWARK, NJ", stage="PickedUp"),
    event("2026-03-05T22:00:00Z", "InfoReceived", "Label created"),
]


def info(events: list[dict[str, Any]], number: str = NUMBER) -> dict[str, Any]:
    status = {"status": "OutForDelivery", "sub_status": "OutForDelivery_Other", "sub_status_descr": None}
    provider = {"provider": {"key": 21051, "name": "Somebody's Post"}, "service_type": None, "events": events}
    tracking = {"providers_hash": 1, "providers": [provider]}
    return {
        "tag": "", "number": number, "carrier": 21051, "param": None,
        "track_info": {"latest_status": status, "latest_event": events[0], "milestone": [], "tracking": tracking},
    }  # fmt: skip


class Aggregator(BaseHTTPRequestHandler):
    """Answers as its documents say; `plan` holds special answers by path."""

    registered: ClassVar[list[dict[str, Any]]] = []
    known: ClassVar[dict[str, list[dict[str, Any]]]] = {}
    plan: ClassVar[dict[str, tuple[int, bytes]]] = {}

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path in self.plan:
            self._say(*self.plan[self.path])
        elif self.headers["17token"] != TOKEN:
            errors = [{"code": -18010002, "message": "Access token is invalid."}]
            self._say(401, as_json({"code": -18010002, "data": {"errors": errors}}))
        elif self.path == "/register":
            self._register(asked)
        else:
            self._track(asked)

    def _register(self, asked: list[dict[str, Any]]) -> None:
        fresh = [each for each in asked if each not in self.registered]
        self.registered.extend(fresh)
        rejected = [
            {"number": each["number"], "error": {"code": -18019901, "message": "has been registered"}}
            for each in asked
            if each not in fresh
        ]
        self._say(200, as_json({"code": 0, "data": {"accepted": fresh, "rejected": rejected}}))

    def _track(self, asked: list[dict[str, Any]]) -> None:
        accepted = [
            info(self.known[each["number"]], each["number"]) for each in asked if each["number"] in self.known
        ]
        rejected = [
            {"number": each["number"], "error": {"code": -18019902, "message": "does not register"}}
            for each in asked
            if each["number"] not in self.known
        ]
        self._say(200, as_json({"code": 0, "data": {"accepted": accepted, "rejected": rejected}}))

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Aggregator)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture(autouse=True)
def fresh() -> None:
    Aggregator.registered.clear()
    Aggregator.known.clear()
    Aggregator.plan.clear()


class TestSeventeen(CarrierContract):
    @pytest.fixture(autouse=True)
    def _address(self, address: str) -> None:
        self.address = address

    def make(self, **account: str) -> SeventeenTrack:
        return SeventeenTrack({"token": TOKEN, "base_url": self.address} | account)

    def unreachable(self) -> CarrierAdapter:
        return self.make(base_url=f"http://127.0.0.1:{free_ports(1)[0]}")

    def happened(self) -> str:
        Aggregator.known[NUMBER] = EVENTS
        return NUMBER

    def message(self) -> tuple[dict[str, str], bytes]:
        return self.told({"event": "TRACKING_UPDATED", "data": info(EVENTS)})

    def told(self, values: Any) -> tuple[dict[str, str], bytes]:
        body = as_json(values)
        return {"Sign": self.make().sign(body)}, body

    def test_its_words_are_ours(self) -> None:
        self.happened()
        scans = sorted(self.make().track([NUMBER]), key=lambda each: each.at)
        assert states(scans) == ["packed", "handed_over", "in_transit", "out_for_delivery"]
        assert (scans[-1].place, scans[-1].text) == ("PORTLAND, OR", "Out for delivery")
        assert scans[-1].at == at("2026-03-09T15:20:00+00:00")

    @pytest.mark.parametrize(
        ("sub_status", "state"),
        [
            ("AvailableForPickup_Other", "at_pickup"), ("DeliveryFailure_NoBody", "attempt_failed"),
            ("DeliveryFailure_Rejected", "refused"), ("DeliveryFailure_InvalidAddress", "exception"),
            ("Delivered_Other", "delivered"), ("Exception_Returning", "returning"), ("Exception_Returned", "returned"),
            ("Exception_Lost", "lost"), ("Exception_Damage", "exception"), ("Expired_Other", "in_transit"),
            ("Something_New", "in_transit"), ("", "in_transit"),
        ],
    )  # fmt: skip
    def test_each_of_its_states(self, sub_status: str, state: str) -> None:
        Aggregator.known[NUMBER] = [event("2026-03-09T15:20:00Z", sub_status, "x")]
        assert states(self.make().track([NUMBER])) == [state]

    def test_a_number_it_does_not_follow_is_registered_once(self) -> None:
        assert self.make(carrier="3011").track(["NEW1"]) == []
        assert Aggregator.registered == [{"number": "NEW1", "carrier": 3011}]
        self.make(carrier="3011").watch(["NEW1"])  # registered before: no error
        assert len(Aggregator.registered) == 1

    def test_forty_numbers_a_request(self) -> None:
        self.make().watch([f"N{number}" for number in range(95)])
        assert len(Aggregator.registered) == 95

    @pytest.mark.parametrize(
        ("moment", "utc"),
        [
            ({"time_utc": None, "time_iso": "2026-03-09T23:20:00+08:00"}, "2026-03-09T15:20:00+00:00"),
            ({"time_utc": None, "time_iso": "2026-03-09T23:20:00"}, "2026-03-09T15:20:00+00:00"),
            (
                {
                    "time_utc": "",
                    "time_raw": {"date": "2026-03-09", "time": "23:20:00", "timezone": "+08:00"},
                },
                "2026-03-09T15:20:00+00:00",
            ),
            (
                {"time_utc": "", "time_raw": {"date": "2026-03-09", "time": "23:20:00", "timezone": None}},
                "2026-03-09T15:20:00+00:00",
            ),
        ],
    )
    def test_times_with_and_without_a_zone(self, moment: dict[str, Any], utc: str) -> None:
        Aggregator.known[NUMBER] = [event("", "InTransit_Other", "x") | moment]
        scans = self.make(timezone="Asia/Shanghai").track([NUMBER])
        assert [each.at for each in scans] == [at(utc)]

    def test_an_event_without_any_time_is_passed_over(self) -> None:
        Aggregator.known[NUMBER] = [event("no time", "Delivered_Other", "x"), EVENTS[0]]
        assert states(self.make(timezone="Nowhere/None").track([NUMBER])) == ["out_for_delivery"]

    def test_other_messages_tell_nothing_and_unreadable_ones_are_refused(self) -> None:
        assert (
            self.make().parse_webhook(*self.told({"event": "TRACKING_STOPPED", "data": {"number": NUMBER}}))
            == []
        )
        for values in ([], {"event": "TRACKING_UPDATED"}, "x"):
            with pytest.raises(ForgedScan):
                self.make().parse_webhook(*self.told(values))
        body = b"{}"
        with pytest.raises(ForgedScan):  # without a key nothing can be verified
            self.make(token="").parse_webhook({"sign": self.make(token="").sign(body)}, body)

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            ((500, b"oops"), CarrierUnreachable),
            ((429, b""), CarrierUnreachable),
            ((200, b"<html>a proxy</html>"), CarrierUnreachable),
            ((200, b"[]"), CarrierUnreachable),
            (
                (200, as_json({"code": -18010012, "data": {"errors": [{"message": "too many"}]}})),
                CarrierRefused,
            ),
        ],
    )
    def test_answers_that_are_none(self, answer: tuple[int, bytes], error: type[Exception]) -> None:
        Aggregator.plan["/gettrackinfo"] = answer
        with pytest.raises(error):
            self.make().track([NUMBER])

    def test_a_wrong_key_is_said(self) -> None:
        with pytest.raises(CarrierRefused, match="carrier_refused"):
            self.make(token="wrong").track([NUMBER])


def test_every_state_is_one_of_ours() -> None:
    from callcart.integrations.carriers.seventeen import STATES, SUB_STATES

    assert {*STATES.values(), *SUB_STATES.values()} <= set(ParcelState)
