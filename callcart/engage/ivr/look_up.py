"""What the menu asks of the business, read in the tenant's transaction: how to welcome this caller, and their last order.

A caller is recognised when their number is the number of exactly one customer, who is not blocked. Whoever shares a number
with others hears nothing of orders. Answers are plain JSON values.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from callcart.commerce.orders import public as orders
from callcart.commerce.orders.public import Order, OrderState
from callcart.commerce.shipping.public import ParcelState
from callcart.contact.voice.flow import CallFacts
from callcart.contact.voice.speech.phrases import LANGUAGES
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.engage.ivr import aloud
from callcart.engage.ivr.readout import OrderFacts, ParcelFacts, read_out
from callcart.people.customers.public import Customer, Reason, find_by_phone
from callcart.people.tenants.public import Options, Tenant, get_tenant, service_number, settings_of

WELCOME = "welcome"
LAST_ORDER = "last_order"


@dataclass(frozen=True, slots=True)
class Welcome:
    """How a call begins. `languages`: those the shop offers, the caller's own first. `opens`: by language, when the shop
    opens next (empty where it never does). `order`: the caller has an order that may be read out."""

    names: dict[str, str]
    languages: list[str]
    greetings: dict[str, str]
    is_open: bool = True
    opens: dict[str, str] = field(default_factory=dict)
    order: bool = False
    recorded: bool = True

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def look_up(facts: CallFacts, question: str) -> Any:
    """The answer to a question of the menu. Raises LookupError for one that is not known."""
    if question == WELCOME:
        return _welcome(facts).plain()
    if question == LAST_ORDER:
        return _last_order(facts)
    raise LookupError(question)


def _welcome(facts: CallFacts) -> Welcome:
    tenant = get_tenant()
    options = settings_of(tenant)
    customer = _caller(facts)
    local = now().astimezone(ZoneInfo(tenant.timezone))
    is_open = options.is_open(local, tenant.timezone)
    return Welcome(
        names={language: tenant.name_in(language) for language in LANGUAGES},
        languages=_languages(options, [customer.language if customer else "", tenant.language]),
        greetings={language: _greeting(facts, options, language) for language in LANGUAGES},
        is_open=is_open,
        opens={} if is_open else _opens(options, local),
        order=customer is not None and _order_of(customer) is not None,
        recorded=options.record_calls,
    )


def _languages(options: Options, preferred: list[str]) -> list[str]:
    """Those offered; the most preferred of them first."""
    first = next((language for language in preferred if language in options.languages), "")
    return sorted(options.languages, key=lambda language: (language != first, LANGUAGES.index(language)))


def _greeting(facts: CallFacts, options: Options, language: str) -> str:
    """The key of the greeting: the dialled number's own, else the shop's, else none (the one that ships)."""
    dialled = service_number(facts.service_number) if facts.service_number else None
    own = dialled.greeting if dialled is not None and dialled.tenant_id == facts.tenant_id else ""
    return own or options.greetings.get(language, "")


def _opens(options: Options, local: datetime) -> dict[str, str]:
    opening = next_opening(options, local)
    if opening is None:
        return {}
    return {language: _opening_words(opening, local.date(), language) for language in LANGUAGES}


def next_opening(options: Options, local: datetime) -> datetime | None:
    """When the shop opens next, by its own clock and within the next eight days."""
    for ahead in range(8):
        day = local.date() + timedelta(days=ahead)
        for start, _end in sorted(options.business_hours[day.weekday()]):
            moment = datetime.combine(day, time.fromisoformat(start), tzinfo=local.tzinfo)
            if moment > local:
                return moment
    return None


def _opening_words(opening: datetime, today: date, language: str) -> str:
    at = aloud.clock(opening.hour, opening.minute, language)
    soon = (opening.date() - today).days < 2
    if aloud.is_chinese(language):
        day = aloud.day(opening.date(), today, language) if soon else aloud.weekday(opening.date(), language)
        return f"我们将于{day}{at}恢复服务。"
    day = (
        aloud.day(opening.date(), today, language)
        if soon
        else f"on {aloud.weekday(opening.date(), language)}"
    )
    return f"We open again {day} at {at}."


def _caller(facts: CallFacts) -> Customer | None:
    """Whose number this is, where that is certain."""
    if not facts.caller_e164:
        return None
    owners = [match for match in find_by_phone(facts.caller_e164) if match.reason is Reason.PHONE]
    if len(owners) != 1 or owners[0].customer.blocked:
        return None
    return owners[0].customer


def _order_of(customer: Customer) -> Order | None:
    found = orders.last_order_of(customer_id=customer.id)
    return None if found is None or found.state == OrderState.DRAFT else found


def _last_order(facts: CallFacts) -> dict[str, list[str]] | None:
    """The sentences by language; None where there is nothing that this caller may hear. The caller is recognised anew: what
    was true at the welcome may have changed."""
    customer = _caller(facts)
    order = _order_of(customer) if customer is not None else None
    if order is None:
        return None
    tenant = get_tenant()
    read = _facts(tenant, order)
    today = now().astimezone(ZoneInfo(tenant.timezone)).date()
    return {language: read_out(read, today, language) for language in LANGUAGES}


def _facts(tenant: Tenant, order: Order) -> OrderFacts:
    zone = ZoneInfo(tenant.timezone)
    detail = orders.order_detail(Actor.system(tenant.id, "menu", channel="voice"), order.id)
    return OrderFacts(
        number=order.number,
        units=sum(line.line.quantity for line in detail.lines),
        total=order.total,
        placed=order.placed_at.astimezone(zone),
        state=OrderState(order.state),
        payment=detail.axes.payment,
        parcels=tuple(
            ParcelFacts(ParcelState(parcel.state), parcel.state_at.astimezone(zone))
            for parcel in detail.parcels
        ),
    )
