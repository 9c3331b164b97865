"""Sixty days of trade: customers, their orders by web and phone, what became of each, and the calls between. The customers
a demo caller can be have the order their story tells of; the others are thrown by dice, the same ones for each shop.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from callcart.commerce.inventory.public import Warehouse, receive
from callcart.commerce.orders.public import (
    DraftAddress,
    DraftLine,
    Order,
    OrderDraft,
    cancel_order,
    confirm_order,
    hand_over,
    place_order,
)
from callcart.commerce.shipping.models import DeliveryMethod
from callcart.commerce.shipping.public import OPEN, Dispatch, Parcel, ParcelState, set_parcel_state
from callcart.contact.conversations.public import link
from callcart.core import clock, events
from callcart.core.actor import Actor
from callcart.core.clock import midnight
from callcart.core.errors import AppError
from callcart.core.tenancy import tenant_transaction
from callcart.demo import seed_goods
from callcart.demo.data import people
from callcart.demo.seed_calls import CallBook
from callcart.demo.seed_paying import by_the_book, pay
from callcart.people.customers.public import create_customer
from callcart.people.tenants.public import Tenant

DAYS = 60
ORDERS = 40  # of the sixty days, besides the stories and today
TODAY = 8
OTHERS = 40  # customers besides those a demo caller can be
FILLER_CALLS = 46


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer as the dice need them."""

    id: UUID
    name: str
    number: str
    language: str


@dataclass(frozen=True, slots=True)
class Life:
    """An order and how far it came. `stage` is the last thing that happened; `hours` the hours from placing to it."""

    buyer: Buyer
    placed_at: datetime
    channel: str
    payment: str
    paid: bool
    stage: str
    at: datetime
    lines: tuple[tuple[UUID, int], ...] = field(default=())


ENDS = ("attempt_failed", "delivered")
SCANS = [
    ParcelState.HANDED_OVER,
    ParcelState.IN_TRANSIT,
    ParcelState.OUT_FOR_DELIVERY,
    *(ParcelState(end) for end in ENDS),
]
STAGES = ("placed", "confirmed", "shipped", "in_transit", "out_for_delivery", "attempt_failed", "delivered")


def trade(tenant: Tenant) -> None:
    """Fill an empty shop; each order in a transaction of its own, at its own time."""
    with _book(tenant) as book:
        lives = [*book.stories(), *book.thrown()]
        book.stock_up(lives)
        for life in sorted(lives, key=lambda each: each.placed_at):
            book.live(life)
        book.filler_calls()


@contextmanager
def _book(tenant: Tenant) -> Iterator[Trade]:
    with by_the_book():
        yield Trade(tenant, random.Random(tenant.slug))


class Trade:
    """One shop's past in the making."""

    def __init__(self, tenant: Tenant, dice: random.Random) -> None:
        self.tenant, self.dice = tenant, dice
        self.system = Actor.system(tenant.id, "demo")
        self.now = clock.now()
        with tenant_transaction(tenant.id):
            self.known = {
                each.number: self._customer(each)
                for each in people.KNOWN_CALLERS
                if each.tenant == tenant.slug
            }
            self.others = [self._other(place) for place in range(OTHERS)]
            self.goods = [
                shelf.variant.id for shelf in seed_goods.shelves(tenant) if sum(shelf.free.values()) > 8
            ]
            self.first_place: Warehouse = next(iter(seed_goods.warehouses().values()))
            self.methods = [
                method.code for method in DeliveryMethod.objects.filter(is_active=True, takes_cod=True)
            ]
            self.calls = CallBook(tenant, dice)

    # ---- who ----

    def _customer(self, each: people.KnownCaller) -> Buyer:
        made = create_customer(
            self.system, name=each.name, phone=each.number, tier=each.tier, language=each.language
        )
        return Buyer(made.id, each.name, each.number, each.language)

    def _other(self, place: int) -> Buyer:
        tier = self.dice.choice(("standard", "standard", "silver", "gold", "vip"))
        if self.tenant.country == "US":
            name = f"{self.dice.choice(people.US_FIRST)} {self.dice.choice(people.US_LAST)}"
            number, language = f"+1202555{4000 + place:04d}", "en"
        else:
            name = self.dice.choice(people.CN_FAMILY) + self.dice.choice(people.CN_GIVEN)
            number, language = f"+86139{10000000 + place * 7919:08d}", "zh-hans"
        made = create_customer(self.system, name=name, phone=number, tier=tier, language=language)
        return Buyer(made.id, name, number, language)

    # ---- which orders ----

    def stories(self) -> list[Life]:
        """The order behind each known caller's story, in the order of people.KNOWN_CALLERS."""
        hour = timedelta(hours=1)
        shapes: dict[str, tuple[tuple[timedelta, str, bool, str, timedelta], ...]] = {
            "harbor": (
                (46 * hour, "prepaid", True, "out_for_delivery", 2 * hour),
                (30 * hour, "prepaid", True, "confirmed", 20 * hour),
                (80 * hour, "prepaid", True, "delivered", 22 * hour),
                (3 * hour, "prepaid", False, "placed", 3 * hour),
            ),
            "qinghe": (
                (46 * hour, "prepaid", True, "out_for_delivery", 2 * hour),
                (70 * hour, "cod", False, "attempt_failed", 5 * hour),
                (80 * hour, "prepaid", True, "delivered", 22 * hour),
                (9 * 24 * hour, "instalments", True, "delivered", 6 * 24 * hour),
            ),
        }
        return [
            Life(buyer, self.now - ago, "web", method, paid, stage, self.now - at, self._lines())
            for buyer, (ago, method, paid, stage, at) in zip(
                self.known.values(), shapes[self.tenant.slug], strict=True
            )
        ]

    def thrown(self) -> list[Life]:
        """The dice's orders: most are delivered by now, young ones are on their way, some are cancelled or unpaid."""
        return [self._thrown(moment) for moment in self._moments()]

    def _moments(self) -> list[datetime]:
        zone = ZoneInfo(self.tenant.timezone)
        start = midnight(self.now.astimezone(zone).date(), zone)
        day = max(int((self.now - start).total_seconds()), 60)
        today = [start + timedelta(seconds=self.dice.randrange(30, day)) for _each in range(TODAY)]
        earlier = [
            start
            - timedelta(days=self.dice.randrange(DAYS))
            - timedelta(hours=24)
            + timedelta(minutes=self.dice.randrange(8 * 60, 22 * 60))
            for _each in range(ORDERS)
        ]
        return earlier + today

    def _thrown(self, moment: datetime) -> Life:
        age = (self.now - moment) / timedelta(days=1)
        method = self.dice.choices(("prepaid", "cod", "instalments"), (6, 3, 1))[0]
        paid = method != "cod" and (age > 0.2 or self.dice.random() < 0.7)
        if self.dice.random() < 0.06 or (method != "cod" and not paid and age > 2):
            stage, after = "cancelled", 0.1
        elif method != "cod" and not paid:
            stage, after = "placed", 0.0
        else:
            stage, after = next(
                (stage, after)
                for least, stage, after in (
                    (4.5, "delivered", 3.6), (3.2, "out_for_delivery", 3.1), (1.6, "in_transit", 1.5),
                    (0.9, "shipped", 0.8), (0.25, "confirmed", 0.2), (0.0, "placed", 0.0),
                )
                if age >= least
            )  # fmt: skip
        buyer = self.dice.choice(self.others)
        channel = self.dice.choice(("web", "phone", "web"))
        at = min(moment + timedelta(days=after), self.now)
        return Life(buyer, moment, channel, method, paid, stage, at, self._lines())

    def _lines(self) -> tuple[tuple[UUID, int], ...]:
        wanted = self.dice.sample(self.goods, self.dice.randint(1, 3))
        return tuple((variant, self.dice.choice((1, 1, 1, 2, 2, 3))) for variant in wanted)

    # ---- living them ----

    def stock_up(self, lives: Sequence[Life]) -> None:
        """What will be sold came in before, so that the shelves are as they are meant to be afterwards."""
        wanted = Counter[UUID]()
        for life in lives:
            wanted.update(dict(life.lines))
        with self._at(self.now - timedelta(days=DAYS + 5)):
            for variant, quantity in wanted.items():
                receive(
                    self.system,
                    variant_id=variant,
                    warehouse_id=self.first_place.id,
                    quantity=quantity,
                    reason="采购入库" if self.tenant.country == "CN" else "purchase",
                )

    def live(self, life: Life) -> None:
        """Place the order and bring it as far as it came; what no delivery reaches is not bought."""
        try:
            order = self._placed(life)
        except AppError:
            return
        for at, act in self._steps(life, order):
            with self._at(at):
                act()

    def _placed(self, life: Life) -> Order:
        with self._at(life.placed_at):
            talk, actor = None, self.system
            if life.channel == "phone":
                talk, actor = self.calls.order_call(life.buyer, life.placed_at)
            draft = OrderDraft(
                lines=tuple(DraftLine(variant, quantity) for variant, quantity in life.lines),
                channel=life.channel,
                address=self._address(life.buyer),
                delivery_method=self.methods[0],
                payment_method=life.payment,
                customer_id=life.buyer.id,
                conversation_id=talk.id if talk else None,
            )
            made = place_order(actor, draft, idempotency_key=f"demo-{life.placed_at.isoformat()}")
            if talk is not None:
                link(talk.id, "order", made.id)
            return made

    def _steps(self, life: Life, order: Order) -> list[tuple[datetime, Callable[[], object]]]:
        """What happened after placing, each with its time, evenly between placing and the last."""
        acts: list[Callable[[], object]] = []
        if life.stage == "cancelled":
            acts.append(
                lambda: cancel_order(
                    self.system, order.id, reason=self._reason(), version=self._version(order)
                )
            )
        else:
            if life.paid:
                acts.append(lambda: pay(order.id))
            reached = STAGES.index(life.stage)
            if reached >= 1:
                acts.append(lambda: confirm_order(self.system, order.id, version=self._version(order)))
            if reached >= 2:
                acts.append(lambda: self._ship(order))
            acts += [
                partial(self._scan, order, state) for state in self._scans(life.stage, self.now - life.at)
            ]
        span = (life.at - life.placed_at) / max(len(acts), 1)
        return [(life.placed_at + span * place, act) for place, act in enumerate(acts, start=1)]

    @staticmethod
    def _scans(stage: str, age: timedelta) -> list[ParcelState]:
        """What the carrier reported; of what is long over only the end is kept."""
        if stage not in SCANS:
            return []
        scans = SCANS[: SCANS.index(ParcelState(stage)) + 1]
        if stage in ENDS:
            scans = [ParcelState(stage)] if age > timedelta(days=5) else [*SCANS[:3], ParcelState(stage)]
        return scans

    def _ship(self, order: Order) -> None:
        leaving = Dispatch.objects.filter(order_id=order.id, state__in=OPEN).order_by("number")
        for box, dispatch in enumerate(leaving, start=1):
            tracking = f"SW{order.number}" if box == 1 else f"SW{order.number}-{box}"
            hand_over(self.system, dispatch.id, tracking=tracking)  # by the carrier proposed

    def _scan(self, order: Order, state: ParcelState) -> None:
        place = self._place(order, state)
        for parcel in Parcel.objects.filter(order_id=order.id):
            set_parcel_state(self.system, parcel.id, state, at=clock.now(), place=place)

    def _place(self, order: Order, state: ParcelState) -> str:
        return self.first_place.name if state is ParcelState.HANDED_OVER else order.ship_city

    def _reason(self) -> str:
        reasons = people.CANCEL_REASONS["en" if self.tenant.country == "US" else "zh-hans"]
        return self.dice.choice(reasons)

    @staticmethod
    def _version(order: Order) -> int:
        return int(Order.objects.values_list("version", flat=True).get(id=order.id))

    @contextmanager
    def _at(self, moment: datetime) -> Iterator[None]:
        with clock.frozen(moment), tenant_transaction(self.tenant.id), events.handled_at_once():
            yield

    def filler_calls(self) -> None:
        """Calls that were no orders, some of them given up."""
        with tenant_transaction(self.tenant.id):
            buyers = [*self.known.values(), *self.others]
            for moment in self.calls.moments(FILLER_CALLS, self.now, days=14):
                self.calls.other_call(self.dice.choice(buyers), moment)

    def _address(self, buyer: Buyer) -> DraftAddress:
        if self.tenant.country == "US":
            city, state, code, _area = self.dice.choice(people.US_PLACES)
            street = f"{self.dice.randint(10, 990)} {self.dice.choice(people.US_STREETS)}"
            return DraftAddress(buyer.name, buyer.number, "US", state, city, "", street, code)
        province, city, district, code = self.dice.choice(people.CN_PLACES)
        estate, block = self.dice.choice(people.CN_ESTATES), self.dice.randint(1, 28)
        street = f"{self.dice.choice(people.CN_STREETS)}{self.dice.randint(1, 300)}号{estate}{block}幢"
        return DraftAddress(buyer.name, buyer.number, "CN", province, city, district, street, code)
