"""What can be asked of an order that is being changed, and the copy it is tried on. Values only. A set is one line here: actions
name it by the id of its `SoldSet`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from callcart.commerce.catalog.public import VariantHit
from callcart.commerce.orders.address import DraftAddress
from callcart.commerce.orders.sets import SetPiece
from callcart.commerce.pricing import public as pricing
from callcart.commerce.shipping.public import DeliveryChoice
from callcart.core.money import Money

_KEPT = frozenset({pricing.StepKind.LIST, pricing.StepKind.PRICE_LIST, pricing.StepKind.PART})


@dataclass(frozen=True, slots=True)
class SetQuantity:
    line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class RemoveLine:
    line_id: UUID


@dataclass(frozen=True, slots=True)
class AddLine:
    variant_id: UUID
    quantity: int
    seen_minor: int | None = None


@dataclass(frozen=True, slots=True)
class TakeApart:
    """What a set was made of stands by itself from now on, each at its share of the price: for verbs that keep a part of it."""

    line_id: UUID


@dataclass(frozen=True, slots=True)
class SetAddress:
    address: DraftAddress


@dataclass(frozen=True, slots=True)
class SetDelivery:
    code: str


@dataclass(frozen=True, slots=True)
class SetNote:
    note: str


@dataclass(frozen=True, slots=True)
class SetDiscount:
    """A discount on a line by hand, in basis points; zero takes it off."""

    line_id: UUID
    discount_bp: int
    reason: str


@dataclass(frozen=True, slots=True)
class SetPrice:
    """Another unit price for a line, by hand."""

    line_id: UUID
    unit_minor: int
    reason: str


@dataclass(frozen=True, slots=True)
class AddCoupon:
    code: str


Action = (
    SetQuantity
    | RemoveLine
    | AddLine
    | SetAddress
    | SetDelivery
    | SetNote
    | SetDiscount
    | SetPrice
    | AddCoupon
    | TakeApart
)


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A line of the copy; `line_id` is None for an added one, `variant` for one that was there before. `unit` is what a
    unit costs, `now` what it would cost today where that differs, `by_hand`: this change gave it, or more
    units of it, a price or a discount; `pieces`: what a set is made of; `fixed`: all that is to be paid for what is left of a
    set."""

    line_id: UUID | None
    variant_id: UUID
    sku: str
    name: str
    name_zh: str
    quantity: int
    unit: Money
    total: Money
    listed: Money
    discount: Money
    tax: Money
    tax_rate_ppm: int = 0
    steps: tuple[pricing.Step, ...] = ()
    variant: VariantHit | None = None
    now: Money | None = None
    set_minor: int | None = None
    discount_bp: int = 0
    reason: str = ""
    by_hand: bool = False
    pieces: tuple[SetPiece, ...] = ()
    fixed: Money | None = None

    def demands(self) -> list[tuple[UUID | None, UUID, int]]:
        """(line, SKU, units) of all goods it takes."""
        if not self.pieces:
            return [(self.line_id, self.variant_id, self.quantity)]
        return [(each.line_id, each.variant_id, each.units * self.quantity) for each in self.pieces]

    @property
    def kept_steps(self) -> tuple[pricing.Step, ...]:
        """How the unit price came about when it was sold."""
        return tuple(
            step
            if self.fixed is None or step.kind is not pricing.StepKind.PART
            else replace(step, minor=self.fixed.minor)
            for step in self.steps
            if step.kind in _KEPT
        )


@dataclass(frozen=True, slots=True)
class MoneyMoved:
    """What a change means for the money: `more` the customer is to pay, `back` to be given back, `at_door` what is collected
    at the door now instead of `at_door_before`."""

    more: Money
    back: Money
    at_door: Money | None = None
    at_door_before: Money | None = None


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """The order as it would be. Confirm it with `base_version`. `problems` are by field, as in a draft; the fields of
    lines count the lines of this copy. `notes`: promotions the order loses, codes that give nothing."""

    order_id: UUID
    base_version: int
    lines: tuple[ChangedLine, ...]
    goods: Money
    delivery: Money
    total: Money
    total_before: Money
    address: DraftAddress
    delivery_method: str
    note: str
    problems: Mapping[str, str]
    price_changes: Mapping[str, str]
    discount: Money
    tax: Money
    added_tax: Money
    choice: DeliveryChoice | None = None
    basket: pricing.PricedBasket | None = None
    shipping: pricing.PricedDelivery | None = None
    notes: tuple[str, ...] = ()
    moves: MoneyMoved | None = None

    @property
    def difference(self) -> Money:
        return self.total - self.total_before
