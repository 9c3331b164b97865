"""What a flow asks of the business, read in the tenant's transaction: how to welcome this caller, which order is theirs, whether
they are who they say, and what is read out.

A caller is recognised when their number is the number of exactly one customer, who is not blocked. Whoever shares a number
with others hears nothing of orders unless they identify themselves. Answers are plain JSON values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.orders import public as orders
from callcart.commerce.orders.public import Order, OrderState
from callcart.commerce.payments.public import credit_of_customer
from callcart.commerce.shipping.public import ParcelState
from callcart.contact.conversations import public as conversations
from callcart.contact.hours.public import Calendar, calendar_of
from callcart.contact.voice.flow import CallFacts
from callcart.contact.voice.speech.phrases import LANGUAGES
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.ids import read_id
from callcart.engage.ivr import aloud, guesses, pins
from callcart.engage.ivr.asides import ASIDES
from callcart.engage.ivr.blocks import By, On, Reading
from callcart.engage.ivr.promising import PROMISES
from callcart.engage.ivr.readout import OrderFacts, ParcelFacts, read_credit, read_out, read_parcels
from callcart.engage.ivr.walk import FIND, IDENTIFY, READ
from callcart.people.customers.public import Customer, Phone, Reason, Tier, customer_by_number, find_by_phone
from callcart.people.tenants.public import (
    Options,
    ServiceNumber,
    Tenant,
    get_tenant,
    service_number,
    settings_of,
)

WELCOME = "welcome"
OPENS_WITHIN = timedelta(days=7)  # further away a weekday says nothing


@dataclass(frozen=True, slots=True)
class Welcome:
    """How a call begins. `languages`: those the shop offers, the caller's own first. `opens`: by language, when the shop
    opens next (empty where it never does). `order`: the caller has an order that may be read out. `case`: an after-sales case
    of theirs is open. `number`: what was dialled."""

    names: dict[str, str]
    languages: list[str]
    greetings: dict[str, str]
    is_open: bool = True
    opens: dict[str, str] = field(default_factory=dict)
    order: bool = False
    recorded: bool = True
    known: bool = False
    tier: str = ""
    vip: bool = False
    case: bool = False
    number: str = ""

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def look_up(facts: CallFacts, question: str, about: Mapping[str, str]) -> Any:
    """The answer to a question of a flow, None for nothing. Raises LookupError for one that is not known."""
    if question == READ:
        return _read(facts, about)
    if question == FIND:
        return _find(facts, about["digits"])
    if question in ASIDES:
        return ASIDES[question](facts, about)
    if question in PROMISES:
        return PROMISES[question](facts, about)
    if question == IDENTIFY:
        identify = _identify_by_pin if about.get("by") == By.PIN else _identify
        return identify(facts, about["number"], about["code"])
    raise LookupError(question)


def welcome_of(
    facts: CallFacts, asked: Collection[On] = frozenset(On), *, queue: UUID | None = None
) -> Welcome:
    """How this call begins. Of the customer only what is `asked` about is looked up. Open is what the queue says, else that of the
    number dialled, else the shop."""
    tenant = get_tenant()
    options = settings_of(tenant)
    customer = _caller(facts)
    dialled = _dialled(facts)
    calendar, moment = calendar_of(queue or (dialled.queue_id if dialled else None)), now()
    is_open = calendar.is_open(moment)
    return Welcome(
        names={language: tenant.name_in(language) for language in LANGUAGES},
        languages=_languages(options, [customer.language if customer else "", tenant.language]),
        greetings={language: _greeting(facts, options, language) for language in LANGUAGES},
        is_open=is_open,
        opens={} if is_open else _opens(calendar, moment),
        recorded=options.record_calls,
        number=facts.service_number,
        **_of_customer(facts, customer, asked),
    )


def _of_customer(
    facts: CallFacts, customer: Customer | None, asked: Collection[On] = frozenset(On)
) -> dict[str, Any]:
    """What branches may tell callers apart by."""
    if customer is None:
        return {"known": False, "order": False, "tier": "", "vip": False, "case": False}
    return {
        "known": True,
        "order": On.ORDER in asked and _order_of(customer) is not None,
        "tier": str(customer.tier),
        "vip": customer.tier == Tier.VIP,
        "case": On.CASE in asked and _has_case(facts, customer),
    }


def _has_case(facts: CallFacts, customer: Customer) -> bool:
    cases = aftersales.cases_of_customer(_reader(facts), customer.id, most=1)
    return any(row.case.state in aftersales.OPEN for row in cases)


def _reader(facts: CallFacts) -> Actor:
    return Actor.system(facts.tenant_id, "menu", channel="voice")


def _languages(options: Options, preferred: list[str]) -> list[str]:
    """Those offered; the most preferred of them first."""
    first = next((language for language in preferred if language in options.languages), "")
    return sorted(options.languages, key=lambda language: (language != first, LANGUAGES.index(language)))


def _greeting(facts: CallFacts, options: Options, language: str) -> str:
    """The key of the greeting: the dialled number's own, else the shop's, else none (the one that ships)."""
    dialled = _dialled(facts)
    own = dialled.greeting if dialled is not None else ""
    return own or options.greetings.get(language, "")


def _dialled(facts: CallFacts) -> ServiceNumber | None:
    """The number dialled, where it is this shop's."""
    found = service_number(facts.service_number) if facts.service_number else None
    return found if found is not None and found.tenant_id == facts.tenant_id else None


def _opens(calendar: Calendar, moment: datetime) -> dict[str, str]:
    opening = calendar.next_opening(moment)
    if opening is None or opening - moment > OPENS_WITHIN:
        return {}
    local, today = opening.astimezone(calendar.zone), moment.astimezone(calendar.zone).date()
    return {language: _opening_words(local, today, language) for language in LANGUAGES}


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


def _find(facts: CallFacts, digits: str) -> dict[str, str] | None:
    """The order of this number, where it is the caller's own."""
    customer = _caller(facts)
    found = _numbered(facts, digits) if customer is not None else None
    if found is None or customer is None or found.customer_id != customer.id:
        return None
    _write_down(facts, found)
    return {"order_id": str(found.id)}


def _write_down(facts: CallFacts, order: Order, owner: Customer | None = None) -> None:
    """What the caller has shown to be theirs is on the agent's screen when the call comes there."""
    with suppress(NotFound):  # the call has just ended
        conversations.link(facts.conversation_id, "order", order.id)
        if owner is not None:
            _identified(facts, owner, By.ORDER)


def _identified(facts: CallFacts, customer: Customer, by: By) -> None:
    """Who calls has been proven, and how: the desk tells it from a number that only looks right. Raises NotFound."""
    conversations.set_customer(_reader(facts), facts.conversation_id, customer.id)
    data = {"by": str(by), "customer_id": str(customer.id)}
    conversations.add_step(facts.conversation_id, "caller.identified", data=data)


def _numbered(facts: CallFacts, digits: str) -> Order | None:
    try:
        found = orders.order_by_number(_reader(facts), digits).order
    except NotFound:
        return None
    return None if found.state == OrderState.DRAFT else found


def _identify(facts: CallFacts, number: str, code: str) -> dict[str, Any] | None:
    """Who can say an order's number and how the receiver's telephone number ends may hear of that order. Where it is how a
    number of the buyer's ends, they are taken for the buyer."""
    if not guesses.may_guess(facts, number):
        return None
    order = _numbered(facts, number)
    if order is None:
        return None
    owner = _owner(order)
    if owner is not None and owner.blocked:
        return None
    is_owner = owner is not None and any(guesses.same(each[-4:], code) for each in _numbers_of(owner))
    if not is_owner and not guesses.same(order.ship_phone[-4:], code):
        return None
    _write_down(facts, order, owner if is_owner else None)
    proven = {"order": True, "order_id": str(order.id)}
    if not is_owner or owner is None:
        return proven
    return _of_customer(facts, owner) | proven | {"customer_id": str(owner.id)}


def _numbers_of(customer: Customer) -> list[str]:
    return list(Phone.objects.filter(customer=customer).values_list("e164", flat=True))


def _identify_by_pin(facts: CallFacts, number: str, pin: str) -> dict[str, Any] | None:
    """Whose PIN it is: of the customer whose number was typed, else of the caller that we know."""
    customer = customer_by_number(number) if number else _caller(facts)
    guarded = str(customer.id) if customer is not None else f"customer {number}"
    if not guesses.may_guess(facts, guarded) or customer is None or customer.blocked:
        return None
    if not pins.is_right(customer.id, pin):
        return None
    with suppress(NotFound):  # the call has just ended
        _identified(facts, customer, By.PIN)
    return _of_customer(facts, customer) | {"customer_id": str(customer.id)}


def _owner(order: Order) -> Customer | None:
    return Customer.objects.filter(id=order.customer_id).first() if order.customer_id else None


def _read(facts: CallFacts, about: Mapping[str, str]) -> dict[str, list[str]] | None:
    """The sentences by language; None where there is nothing that this caller may hear. The caller is recognised anew: what
    was true at the welcome may have changed. `order` and `customer`: what was found or proven in this call."""
    order, customer = _proven(about.get("order", "")), _caller(facts)
    if about.get("customer"):
        customer = Customer.objects.filter(id=about["customer"]).first()
    what, tenant = Reading(about.get("what", Reading.ORDER)), get_tenant()
    if what is Reading.CREDIT:  # a number alone proves too little: it can be pretended
        return _credit(customer, tenant) if about.get("customer") else None
    order = order or (_order_of(customer) if customer is not None else None)
    if order is None:
        return None
    read = _facts(tenant, order)
    today = now().astimezone(ZoneInfo(tenant.timezone)).date()
    say = read_out if what is Reading.ORDER else read_parcels
    said = {"named": bool(about.get("order")), "proven": bool(about.get("customer"))}
    return {language: say(read, today, language, **said) for language in LANGUAGES}


def _proven(order_id: str) -> Order | None:
    found: UUID | None = read_id(order_id) if order_id else None
    return Order.objects.filter(id=found).first() if found else None


def _credit(customer: Customer | None, tenant: Tenant) -> dict[str, list[str]] | None:
    if customer is None or customer.blocked:
        return None
    credit = credit_of_customer(customer.id, tenant.currency)
    return {language: read_credit(credit, language) for language in LANGUAGES}


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
