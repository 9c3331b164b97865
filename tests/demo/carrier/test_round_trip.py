"""Our adapter and the demo carrier over real HTTP on this machine, and both ways of tracking on real commits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from django.test import override_settings

from callcart.commerce.shipping.booking import book_parcel, call_off, cancel_booking, send_booking
from callcart.commerce.shipping.carrier import CarrierAdapter, CarrierRefused
from callcart.commerce.shipping.models import Parcel, ParcelEvent
from callcart.commerce.shipping.tracking import poll_due, take_webhook
from callcart.core.clock import now
from callcart.core.tenancy import tenant_session, tenant_transaction
from callcart.demo.carrier.book import Book, number_for
from callcart.demo.carrier.notify import keep_moving
from callcart.demo.carrier.route import Fate, fate_of, steps, telling
from callcart.demo.carrier.serve import application
from callcart.integrations.carriers.demo import SEAL, STATES, DemoCarrier
from tests.commerce.conftest import live_shop
from tests.commerce.shipping.conftest import RECEIVER, Depot, open_depot, packed
from tests.commerce.shop import Shop, at_once
from tests.environment import free_ports
from tests.integrations.carriers.contract import CarrierContract, wanted

__all__ = ["live_shop"]

INFO = {"demo": {"path": "tests.demo.carrier.test_round_trip.reaching", "label": "Demo", "account": ()}}
_address = ""


def reaching(account: dict[str, str]) -> DemoCarrier:
    return DemoCarrier(account, _address)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The company's server in a thread, over plain HTTP; nothing moves by itself."""
    global _address
    path, port = tmp_path_factory.mktemp("company") / "book.sqlite", free_ports(1)[0]
    _address = f"http://127.0.0.1:{port}"
    options = uvicorn.Config(application(path, pace=10_000), host="127.0.0.1", port=port, log_level="error")
    server = uvicorn.Server(options)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    yield path
    server.should_exit = True
    thread.join(10)


class TestDemoCarrier(CarrierContract):
    @pytest.fixture(autouse=True)
    def _company(self, company: Path) -> None: ...

    def make(self) -> CarrierAdapter:
        return reaching({})

    def unreachable(self) -> CarrierAdapter:
        return DemoCarrier({}, f"http://127.0.0.1:{free_ports(1)[0]}")

    def happened(self) -> str:
        made = reaching({}).create(wanted("1.happened"))
        if not reaching({}).track([made.tracking]):
            reaching({}).post("/api/push", {"tracking": made.tracking, "steps": 2})
        return made.tracking

    def message(self) -> tuple[dict[str, str], bytes]:
        return told(self.happened())

    def test_what_was_collected_is_not_called_off(self) -> None:
        with pytest.raises(CarrierRefused, match="carrier_refused"):
            self.make().cancel(self.happened())

    def test_a_key_of_something_else_is_refused(self) -> None:
        self.make().create(wanted("1.same"))
        with pytest.raises(CarrierRefused):
            self.make().create(wanted("1.same", weight_g=801))


def told(tracking: str) -> tuple[dict[str, str], bytes]:
    """The message that the company sends about a number, signed now."""
    import json

    scans = reaching({}).post("/api/track", {"numbers": [tracking]})["scans"]
    body = json.dumps({"scans": scans}).encode()
    return SEAL.headers(body), body


def test_fates_are_spread_and_every_step_has_a_state() -> None:
    fates = [fate_of(f"1.{number}") for number in range(600)]
    assert set(fates) == set(Fate)
    assert fates.count(Fate.WELL) > 300
    assert {what for fate in Fate for what in steps(fate)} == set(STATES)
    ways = [telling(f"scan{number}", seconds=10).after for number in range(100)]
    assert {(0, 1), (25.0,), (0,)} == set(ways)


def test_a_book_goes_on_after_a_restart_and_tells_of_each_scan_until_it_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "book.sqlite"
    book = Book(path, pace=0.01)
    asked = {"to": {"city": "Salem", "country": "US"}, "contents": "well", "weight_g": 1}
    url = f"http://127.0.0.1:{free_ports(1)[0]}/"
    book.take("1.a", asked, price=1, currency="USD", notify_url=url, at=0)
    book.move(number_for("1.a"), at=1)
    book.close()
    book = Book(path, pace=0.01)

    async def a_while() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(keep_moving(book), 0.8)

    asyncio.run(a_while())
    scans = book.scans([number_for("1.a")])
    assert [each["what"] for each in scans] == list(steps(Fate.WELL))
    rows = book.messages()
    assert len(rows) >= len(scans)
    assert all(row["next_at"] is not None for row in rows)  # nobody listens: told again later
    assert any(row["tries"] for row in rows)
    book.close()


@pytest.fixture
def depot(live_shop: Shop, company: Path) -> Iterator[Depot]:
    with override_settings(CALLCART_CARRIERS=INFO):
        with tenant_transaction(live_shop.tenant_id):
            made = open_depot(live_shop, adapter="demo")
        yield made


def booked(depot: Depot, contents: str) -> Parcel:
    """A parcel that the company has taken; `contents` is its fate."""
    tenant_id = depot.shop.tenant_id
    with tenant_transaction(tenant_id):
        parcel = packed(depot, tracking="")
        row = book_parcel(
            depot.shop.boss,
            parcel.id,
            service_id=depot.road.id,
            receiver=RECEIVER,
            weight_g=800,
            contents=contents,
        )
    with tenant_session(tenant_id):
        send_booking(booking_id=str(row.id))
        send_booking(booking_id=str(row.id))
    with tenant_transaction(tenant_id):
        parcel.refresh_from_db()
    return parcel


def test_from_booking_to_the_door_with_the_same_scans_pushed_and_polled_at_once(depot: Depot) -> None:
    tenant_id = depot.shop.tenant_id
    parcel = booked(depot, "wrong_address")
    assert parcel.tracking.startswith("MP")
    reaching({}).post("/api/push", {"tracking": parcel.tracking, "steps": 6})
    headers, body = told(parcel.tracking)
    with tenant_transaction(tenant_id):
        Parcel.objects.filter(id=parcel.id).update(poll_at=now() - timedelta(minutes=1))

    def by_message() -> Any:
        return take_webhook(depot.carrier.id, headers, body)

    results = without_transaction(tenant_id, [by_message, by_message, poll_due, by_message])
    assert not [each for each in results if isinstance(each, Exception)]
    with tenant_transaction(tenant_id):
        parcel.refresh_from_db()
        events = ParcelEvent.objects.filter(parcel=parcel)
        assert (parcel.state, events.count()) == ("exception", 7)  # packed and six scans, each once
        assert parcel.trouble == "exception"
    assert sum(each.new for each in results if each is not None) <= 6


def without_transaction(tenant_id: int, work: list[Any]) -> list[Any]:
    """Each in a thread of its own, started together, outside of a transaction."""
    from django.db import connections

    from callcart.core.tenancy import acting_for

    found: list[Any] = [None] * len(work)
    start = threading.Barrier(len(work))

    def run(number: int) -> None:
        start.wait(30)
        try:
            with acting_for(tenant_id):
                found[number] = work[number]()
        except Exception as error:  # noqa: BLE001  the test looks at it
            found[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_two_clerks_who_book_the_same_parcel_make_one_shipment(depot: Depot, company: Path) -> None:
    tenant_id = depot.shop.tenant_id
    with tenant_transaction(tenant_id):
        parcel = packed(depot, tracking="")

    def book() -> Any:
        return book_parcel(
            depot.shop.boss, parcel.id, service_id=depot.road.id, receiver=RECEIVER, weight_g=800
        ).id

    rows = at_once(tenant_id, [book, book, book])
    assert len(set(rows)) == 1, rows


def test_the_buttons_of_its_page_push_a_parcel(company: Path) -> None:
    made = DemoCarrier({}, _address).create(wanted("by-button"))
    form = {"tracking": made.tracking, "fate": "refused"}
    assert httpx.post(f"{_address}/push", data=form).status_code == 303
    book = Book(company, pace=10_000)
    found = book.shipment(made.tracking)
    assert found is not None and found.fate is Fate.REFUSED and found.step == 1
    assert httpx.post(f"{_address}/push", content=b"x" * 5000).status_code == 303
    book.close()


def test_called_off_at_the_company_too(depot: Depot) -> None:
    tenant_id = depot.shop.tenant_id
    parcel = booked(depot, "well")
    with tenant_transaction(tenant_id):
        row = parcel.bookings.get()
        cancel_booking(depot.shop.boss, row.id)
    with tenant_session(tenant_id):
        call_off(booking_id=str(row.id))
    with tenant_transaction(tenant_id):
        row.refresh_from_db()
        parcel.refresh_from_db()
    assert (row.state, parcel.tracking) == ("cancelled", "")
    assert reaching({}).post("/api/push", {"tracking": row.tracking, "steps": 1})["scans"] == 0
