"""What the pricing function is told and what it answers. Values only: amounts are minor units of one currency, percentages
basis points, tax rates parts per million.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any
from uuid import UUID

from callcart.commerce.pricing.models import PromotionKind
from callcart.core.language import Named

WHOLE_BP = 10_000
WHOLE_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, where it goes to, and how it was ordered. `phone` (E.164, the receiver's) stands for a guest."""

    customer_id: UUID | None = None
    phone: str = ""
    country: str = ""
    region: str = ""
    channel: str = ""
    campaign: str = ""

    @property
    def person(self) -> str:
        """The key under which uses are counted; empty while nobody is known."""
        if self.customer_id is not None:
            return f"customer:{self.customer_id}"
        return f"phone:{self.phone}" if self.phone else ""


class StepKind(StrEnum):
    LIST = "list"
    PRICE_LIST = "price_list"
    SET = "set"
    PROMOTION = "promotion"
    MANUAL = "manual"
    PART = "part"
    TAX = "tax"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of how a price came about. `minor`: the unit price (list, price_list, set), what was taken off
    (promotion, manual), what of a set's price falls to the line (part), or the tax. `source`: id of the price list,
    promotion or set."""

    kind: StepKind
    minor: int = 0
    name: str = ""
    name_zh: str = ""
    source: str = ""
    percent_bp: int = 0
    units: int = 0
    code: str = ""
    reason: str = ""
    rate_ppm: int = 0
    included: bool = False

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Step:
        known = {item.name for item in fields(cls)}
        values = {name: value for name, value in stored.items() if name in known}
        return cls(**{**values, "kind": StepKind(stored["kind"])})


@dataclass(frozen=True, slots=True)
class ListTerm:
    """A price list that is in force, and whom it is for."""

    id: str
    code: str
    name: str
    name_zh: str
    priority: int
    groups: frozenset[str]
    countries: frozenset[str]
    regions: frozenset[str]
    campaigns: frozenset[str]
    percent_bp: int

    def serves(self, groups: frozenset[str], buyer: Buyer, region: str) -> bool:
        return (
            (not self.groups or bool(self.groups & groups))
            and (not self.countries or buyer.country in self.countries)
            and (not self.regions or region in self.regions)
            and (not self.campaigns or buyer.campaign in self.campaigns)
        )


@dataclass(frozen=True, slots=True)
class PromotionTerms(Named):
    """A promotion's terms. `matches`: the SKUs of this basket it is for; None for all. `open`: it runs now;
    `left`: it may still be given; `left_for_person`: to this person too. What an order was promised is kept as these."""

    id: str
    name: str
    name_zh: str
    kind: PromotionKind
    percent_bp: int = 0
    amount_minor: int = 0
    buy_quantity: int = 0
    get_quantity: int = 0
    bundle: tuple[tuple[str, int], ...] = ()
    matches: frozenset[str] | None = None
    min_goods_minor: int = 0
    groups: frozenset[str] = frozenset()
    campaigns: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    first_order: bool = False
    needs_coupon: bool = False
    priority: int = 0
    exclusive: bool = False
    open: bool = True
    left: bool = True
    left_for_person: bool = True
    code: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "kind": str(self.kind),
            "bundle": [list(item) for item in self.bundle],
            "matches": None if self.matches is None else sorted(self.matches),
            **{name: sorted(getattr(self, name)) for name in ("groups", "campaigns", "channels")},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> PromotionTerms:
        values = dict(stored)
        values["kind"] = PromotionKind(values["kind"])
        values["bundle"] = tuple((str(variant), int(units)) for variant, units in values["bundle"])
        if values["matches"] is not None:
            values["matches"] = frozenset(values["matches"])
        for name in ("groups", "campaigns", "channels"):
            values[name] = frozenset(values[name])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class CouponTerm:
    """A code that exists. `usable`: it is switched on and not used up."""

    id: str
    key: str
    code: str
    promotion_id: str
    usable: bool


@dataclass(frozen=True, slots=True)
class RateTerm:
    """A tax rate in force for the country; `region` empty holds for all of it."""

    tax_class: str
    region: str
    rate_ppm: int
    name: str
    name_zh: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules that may matter for a basket, read in one query. `prices`: SKU → (list id, from units, unit price)."""

    lists: tuple[ListTerm, ...] = ()
    prices: Mapping[str, tuple[tuple[str, int, int], ...]] = field(default_factory=dict)
    promotions: tuple[PromotionTerms, ...] = ()
    coupons: Mapping[str, CouponTerm] = field(default_factory=dict)
    rates: tuple[RateTerm, ...] = ()
    retail: Mapping[str, int] = field(default_factory=dict)
    tax_classes: Mapping[str, str] = field(default_factory=dict)
    default_tax_class: str = ""
    groups: frozenset[str] = frozenset()
    prices_include_tax: bool = True

    @property
    def ask_first_order(self) -> bool:
        """Whether it matters that this is the buyer's first order."""
        return any(each.first_order for each in self.promotions)


@dataclass(frozen=True, slots=True)
class SetPart:
    """Units of a SKU in one set, and what a unit of it costs by itself; `kept_rate_ppm` as in a line."""

    variant_id: UUID
    units: int
    list_minor: int
    kept_rate_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class BasketLine:
    """Units of a SKU at its retail price. By hand: `set_minor` (another unit price) or `discount_bp`, with `reason`. Of
    an order that is being changed: `kept`, how its unit price came about, `kept_rate_ppm`, and for what is left of a set
    that was taken apart `fixed_minor`, all that the line costs. A set has `parts` and its name."""

    variant_id: UUID
    quantity: int
    list_minor: int
    set_minor: int | None = None
    discount_bp: int = 0
    reason: str = ""
    kept_minor: int | None = None
    kept: tuple[Step, ...] = ()
    kept_rate_ppm: int | None = None
    fixed_minor: int | None = None
    parts: tuple[SetPart, ...] = ()
    set_name: str = ""
    set_name_zh: str = ""

    @property
    def is_final(self) -> bool:
        """Whether no promotion touches it."""
        return self.set_minor is not None or self.fixed_minor is not None


@dataclass(frozen=True, slots=True)
class Basket:
    """What is to be priced. `promised`: the promotions of an order that is being changed: these are looked at, and no
    others but those of `codes`."""

    lines: tuple[BasketLine, ...]
    buyer: Buyer = Buyer()
    codes: tuple[str, ...] = ()
    first_order: bool = False
    promised: tuple[PromotionTerms, ...] | None = None
    kept_delivery_rate_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class PricedItem:
    """A line: `total_minor` is `unit_minor` × units − `discount_minor`; `tax_minor` is in it or on top of it. Of a set,
    `parts` sum to its total and its tax."""

    variant_id: UUID
    quantity: int
    list_minor: int
    unit_minor: int
    discount_minor: int
    total_minor: int
    tax_minor: int
    tax_rate_ppm: int
    steps: tuple[Step, ...]
    parts: tuple[PricedItem, ...] = ()

    @property
    def saved_minor(self) -> int:
        """What the buyer saves against the retail price."""
        return max(self.list_minor * self.quantity - self.total_minor, 0)


@dataclass(frozen=True, slots=True)
class Applied:
    """A promotion that was given and what it is worth on the goods."""

    terms: PromotionTerms
    amount_minor: int


class NoteReason(StrEnum):
    """Why a code gives nothing. The first four stop an order; the others only say what is missing."""

    UNKNOWN = "unknown"
    USED_UP = "used_up"
    NOT_NOW = "not_now"
    USED_BY_YOU = "used_by_you"
    NOT_FOR_YOU = "not_for_you"
    FIRST_ORDER = "first_order"
    MINIMUM = "minimum"
    NO_GOODS = "no_goods"
    NOT_TOGETHER = "not_together"
    TWICE = "twice"


BLOCKING = frozenset({NoteReason.UNKNOWN, NoteReason.USED_UP, NoteReason.NOT_NOW, NoteReason.USED_BY_YOU})


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said about a promotion that gives nothing. `code` is the coupon's, empty for one an order loses;
    `missing_minor` is what the goods lack."""

    reason: NoteReason
    code: str = ""
    missing_minor: int = 0
    name: str = ""
    name_zh: str = ""

    @property
    def stops(self) -> bool:
        return self.reason in BLOCKING


@dataclass(frozen=True, slots=True)
class PricedDelivery:
    """Delivery: `total_minor` is `list_minor` − `discount_minor`."""

    list_minor: int
    discount_minor: int
    total_minor: int
    tax_minor: int
    tax_rate_ppm: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PricedBasket:
    """A basket at its price, without delivery. `goods_minor` is the sum of the lines' totals; `applied` are the
    promotions given, those of delivery among them; `notes` say why a code gives nothing."""

    lines: tuple[PricedItem, ...]
    goods_minor: int
    discount_minor: int
    tax_minor: int
    tax_is_added: bool
    applied: tuple[Applied, ...]
    notes: tuple[Note, ...]
    delivery_rate: RateTerm | None = None

    @property
    def added_tax_minor(self) -> int:
        return self.tax_minor if self.tax_is_added else 0

    @property
    def saved_minor(self) -> int:
        return sum(line.saved_minor for line in self.lines)
