"""The screen pop: one statement (screen_pop.sql) in, what the reader may see out. Numbers and mails are masked here, on the
server, for everybody: whoever may see them in full asks for it, and the audit knows. No template gets what it must not show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.db import connections
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callcart.commerce.orders.models import Order
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.database import sql
from callcart.core.errors import NotFound
from callcart.core.money import Money
from callcart.people.customers.models import Customer
from callcart.people.customers.public import mask_email, mask_phone, search_customers
from callcart.web import formats
from callcart.web.desk import labels
from callcart.web.desk.labels import Mark
from callcart.web.names import in_language

Json = Mapping[str, Any]
NEVER_BY_ITSELF = 1_000_000


@dataclass(frozen=True, slots=True)
class Talk:
    """The conversation as the strip and the thread show it. `phase`: before, offered, active, wrap_up or closed."""

    id: str
    number: str
    phase: str
    label: str
    tone: str
    mine: bool
    language: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    offer_id: str = ""
    expires_at: datetime | None = None
    wrap_until: datetime | None = None
    wrap_note: str = ""
    disposition: str = ""
    held: bool = False

    @property
    def talk_seconds(self) -> float | None:
        done = self.answered_at and self.ended_at
        return (
            (self.ended_at - self.answered_at).total_seconds()
            if done and self.ended_at and self.answered_at
            else None
        )

    @property
    def may_wrap(self) -> bool:
        return self.mine and self.phase in {"active", "wrap_up"}


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    clock: str
    text: str
    icon: str
    tone: str
    who: str


@dataclass(frozen=True, slots=True)
class Note:
    at: datetime
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class Wrap:
    """The draft of a wrap-up, or what was sent. Ids are text, empty for none."""

    note: str = ""
    disposition_id: str = ""
    parent_id: str = ""
    saved_at: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    id: str
    shown: str
    label: str


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    number: str
    name: str
    tier_label: str
    tier_tone: str
    category: str
    language_label: str
    blocked: bool
    blocked_because: str
    note: str
    since: datetime
    address: str
    phones: list[Phone]
    emails: list[str]
    flags: list[Mark]


@dataclass(frozen=True, slots=True)
class Candidate:
    id: str
    name: str
    tier_label: str
    tier_tone: str
    reason: str
    last_order: str


@dataclass(frozen=True, slots=True)
class OrderCard:
    id: str
    number: str
    placed_at: datetime
    total: Money
    items: str
    states: list[Mark]
    parcel: str
    office_url: str


@dataclass(frozen=True, slots=True)
class Past:
    id: str
    icon: str
    label: str
    at: datetime


@dataclass(slots=True)
class Screen:
    """Everything the regions of the desk show of a conversation or a customer."""

    talk: Talk | None
    who: str
    about: str
    customer: Person | None
    candidates: list[Candidate] = field(default_factory=list)
    wanted: list[Mark] = field(default_factory=list)
    orders: list[OrderCard] = field(default_factory=list)
    due: list[Money] = field(default_factory=list)
    open: list[Past] = field(default_factory=list)
    history: list[Past] = field(default_factory=list)
    path: list[Step] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    wrap: Wrap = field(default_factory=Wrap)
    caller_fill: str = ""
    caller_masked: str = ""
    hidden_number: bool = False
    recognised: bool = False
    bad_number: str = ""


def read(actor: Actor, *, conversation_id: UUID | None = None, customer_id: UUID | None = None) -> Json:
    """The row of the statement, unmasked: for `screen()` only."""
    connection = connections["default"]
    connection.ensure_connection()
    if (
        connection.connection.prepare_threshold is None
    ):  # Django's default forbids even what is asked for below
        connection.connection.prepare_threshold = NEVER_BY_ITSELF
    values = {
        "tenant": actor.tenant_id,
        "staff": actor.id,
        "conversation": conversation_id,
        "customer": customer_id,
    }
    with psycopg.Cursor(
        connection.connection
    ) as cursor:  # the driver's own: parsed and planned once a connection
        cursor.execute(sql("callcart.web.desk", "screen_pop"), values, prepare=True)
        row = cursor.fetchone()
    found: Json = row[0] if row else {}
    return found


def screen(actor: Actor, *, conversation_id: UUID | None = None, customer_id: UUID | None = None) -> Screen:
    """What the desk shows. Raises NotFound for a conversation or customer that is not there or not for this reader."""
    row = read(actor, conversation_id=conversation_id, customer_id=customer_id)
    talk, person = row["talk"], row["customer"]
    if (conversation_id and talk is None) or (customer_id and person is None):
        raise NotFound
    if (
        talk
        and actor.require("conversations.view").scope == "own"
        and talk["agent_id"] not in {None, str(actor.id)}
    ):
        raise NotFound
    shown = _masked
    customer = _person(person) if person else None
    candidates = [_candidate(each) for each in row["candidates"] or ()]
    found = Screen(
        talk=_talk(actor, row) if talk else None,
        who=_who(row, customer, shown),
        about=_about(row, customer, shown),
        customer=customer,
        candidates=candidates,
        wanted=_wanted(row),
        orders=[_order(each) for each in row["orders"] or ()],
        due=[Money(int(each["minor"]), each["currency"]) for each in row["due"] or ()],
        open=[_past(each) for each in row["history"] or () if each["state"] != "closed"],
        history=[_past(each) for each in row["history"] or () if each["state"] == "closed"],
        path=_path(row["path"] or ()),
        notes=[
            Note(_at(each["at"]), each["text"], in_language(each["who"], each["who_zh"]))
            for each in row["notes"] or ()
        ],
        wrap=_wrap(row["wrap_up"]),
    )
    found.recognised = bool(talk and customer and talk["customer_id"] is None)
    if talk and customer is None:
        may_see = bool(talk["caller_e164"]) and actor.can("customers.see_phone")
        found.caller_fill = formats.phone(talk["caller_e164"]) if may_see else ""
        found.caller_masked = shown(talk["caller_e164"]) if talk["caller_e164"] else ""
        found.hidden_number = not talk["caller_e164"] and not talk["caller_raw"]
        found.bad_number = "" if talk["caller_e164"] else talk["caller_raw"][:40]
    return found


def _masked(e164: str) -> str:
    return mask_phone(e164, formats.reader().country)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _when(text: str) -> str:
    """A moment in a sentence: the time of day today, with the day before that."""
    at = _at(text)
    zone = formats.reader().tz
    return (
        formats.time(at)
        if at.astimezone(zone).date() == now().astimezone(zone).date()
        else formats.datetime(at)
    )


def _maybe(text: str | None) -> datetime | None:
    return None if text is None else _at(text)


def _talk(actor: Actor, row: Json) -> Talk:
    talk, offer, wrap = row["talk"], row["offer"], row["wrap_up"] or {}
    state = talk["state"]
    badge = labels.mark(labels.CONVERSATION, state)
    return Talk(
        id=talk["id"],
        number=talk["number"],
        phase="before" if state in {"new", "ivr", "waiting"} else state,
        label=badge.text,
        tone=badge.tone,
        mine=talk["agent_id"] == str(actor.id),
        language=talk["language"],
        started_at=_at(talk["started_at"]),
        answered_at=_maybe(talk["answered_at"]),
        ended_at=_maybe(talk["ended_at"]),
        offer_id=offer["id"] if offer and offer["staff_id"] == str(actor.id) else "",
        expires_at=_maybe(offer["expires_at"]) if offer else None,
        wrap_until=_maybe(row["wrap_until"]),
        wrap_note=wrap.get("note", "") if wrap.get("submitted_at") else "",
        disposition=in_language(wrap.get("name") or "", wrap.get("name_zh") or "")
        if wrap.get("submitted_at")
        else "",
        held=_held(row["path"] or ()),
    )


def _held(path: Any) -> bool:
    for each in reversed(path):
        if each["kind"] in {"hold", "hold.started"}:
            return True
        if each["kind"] in {"unhold", "hold.ended"}:
            return False
    return False


def _who(row: Json, customer: Person | None, shown: Any) -> str:
    if customer:
        return customer.name or _(
            "Customer %(number)s",
        ) % {"number": customer.number}
    if row["candidates"]:
        count = len(row["candidates"])
        return ngettext("Perhaps %(name)s", "One of %(count)s customers", count) % {
            "name": row["candidates"][0]["name"],
            "count": count,
        }
    talk = row["talk"]
    if talk and talk["caller_e164"]:
        return _("New caller %(phone)s") % {"phone": shown(talk["caller_e164"])}
    return _("Hidden number") if talk and not talk["caller_raw"] else _("Unknown caller")


def _about(row: Json, customer: Person | None, shown: Any) -> str:
    """Why we think so, the number, and the way in."""
    talk = row["talk"]
    if talk is None:
        return ""
    parts = []
    matched = row["matched"]
    if customer and talk["caller_e164"]:
        parts.append(shown(talk["caller_e164"]))
    if matched:
        parts.append(_("known by %(reason)s") % {"reason": labels.REASON[matched["reason"]]})
    elif customer:
        parts.append(_("chosen by hand"))
    if talk["direction"] == "outbound":
        parts.append(_("called by us"))
    if row["queue"]:
        parts.append(in_language(row["queue"]["name"], row["queue"]["name_zh"]))
    parts.append("中文" if talk["language"].startswith("zh") else "English")
    if talk["queued_at"]:
        until = _maybe(talk["answered_at"]) or _maybe(talk["ended_at"]) or now()
        parts.append(_("waited %(time)s") % {"time": formats.duration(until - _at(talk["queued_at"]))})
    return " · ".join(parts)


def _person(row: Json) -> Person:
    tier = labels.mark(labels.TIER, row["tier"])
    return Person(
        id=row["id"],
        number=row["number"],
        name=row["name"],
        tier_label=tier.text,
        tier_tone=tier.tone,
        category=in_language(row["category"] or "", row["category_zh"] or ""),
        language_label="简体中文" if row["language"].startswith("zh") else "English",
        blocked=row["blocked"],
        blocked_because=row["blocked_because"],
        note=row["note"],
        since=_at(row["created_at"]),
        address=_address(row["address"]) if row["address"] else "",
        phones=[Phone(each["id"], _masked(each["e164"]), each["label"]) for each in row["phones"] or ()],
        emails=[mask_email(each) for each in row["emails"] or ()],
        flags=[],
    )


def _address(row: Json) -> str:
    if row["country"] in {"CN", "HK", "MO", "TW"}:
        return "".join(row[each] for each in ("province", "city", "district", "street"))
    tail = " ".join(part for part in (row["province"], row["postcode"]) if part)
    return ", ".join(part for part in (row["street"], row["district"], row["city"], tail) if part)


def _candidate(row: Json) -> Candidate:
    tier = labels.mark(labels.TIER, row["tier"])
    last = _("last order %(number)s") % {"number": row["last_number"]} if row["last_number"] else ""
    return Candidate(row["id"], row["name"], tier.text, tier.tone, str(labels.REASON[row["reason"]]), last)


def _order(row: Json) -> OrderCard:
    lines = row["lines"] or ()
    items = ", ".join(
        (f"{each['quantity']} × " if each["quantity"] > 1 else "")
        + in_language(each["name"], each["name_zh"])
        for each in lines
    )
    states = [labels.mark(labels.PAYMENT, row["payment_state"])]
    parcels = row["parcels"] or ()
    if row["state"] in {"cancelled", "on_hold"}:
        states.insert(0, labels.mark(labels.ORDER, row["state"]))
    elif parcels:
        states.insert(0, labels.mark(labels.PARCEL, parcels[0]["state"]))
    else:
        states.insert(0, labels.mark(labels.FULFILMENT, row["fulfilment_state"]))
    about = ""
    if parcels:
        scanned = _("scanned %(time)s") % {"time": _when(parcels[0]["at"])}
        about = " · ".join(
            part
            for part in (parcels[0]["carrier"], parcels[0]["tracking"], parcels[0]["place"], scanned)
            if part
        )
    elif row["held"]:
        names = ", ".join(in_language(each["name"], each["name_zh"]) for each in row["held"])
        about = _("held in %(places)s") % {"places": names}
    return OrderCard(
        id=row["id"],
        number=row["number"],
        placed_at=_at(row["placed_at"]),
        total=Money(int(row["total_minor"]), row["currency"]),
        items=items,
        states=states,
        parcel=about,
        office_url=address_or_none("office:order", row["id"]),
    )


def address_or_none(name: str, *args: Any) -> str:
    """The address of a page of another face, empty where that face is not installed."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _past(row: Json) -> Past:
    outcome = str(labels.END.get(row["end_reason"], "")) if row["end_reason"] != "completed" else ""
    label = (
        in_language(row["about"] or "", row["about_zh"] or "")
        or outcome
        or labels.mark(labels.CONVERSATION, row["state"]).text
    )
    if row["note"]:
        label = f"{label}: {row['note'][:120]}"
    return Past(
        row["id"],
        "phone-outgoing" if row["direction"] == "outbound" else "phone-incoming",
        label,
        _at(row["started_at"]),
    )


def _path(rows: Any) -> list[Step]:
    found = []
    for each in rows:
        at, said = _at(each["at"]), labels.step(each["kind"], each["data"] or {})
        who = in_language(each["who"], each["who_zh"])
        clock = at.astimezone(formats.reader().tz).strftime("%H:%M:%S")
        found.append(Step(at, clock, said.text, said.icon, said.tone or "plain", who))
    return found


def _wrap(row: Json | None) -> Wrap:
    if row is None:
        return Wrap()
    chosen, parent = row["disposition_id"] or "", row["parent_id"] or ""
    return Wrap(row["note"], chosen, parent or chosen, row["saved_at"] or "")


def _wanted(row: Json) -> list[Mark]:
    """What they probably call about, most likely first; at most three lines. A parcel on its way is the commonest."""
    found: list[tuple[int, Mark]] = []
    for order in row["orders"] or ():
        if order["state"] == "cancelled":
            continue
        parcels = order["parcels"] or ()
        if parcels:
            found += _parcel_wanted(order, parcels[0])
        elif order["fulfilment_state"] == "unreserved":
            found.append(
                (
                    30,
                    Mark(
                        _("Order %(number)s waits for stock") % {"number": order["number"]},
                        "amber",
                        "package-off",
                    ),
                )
            )
        if order["state"] == "on_hold":
            found.append(
                (
                    25,
                    Mark(
                        _("Order %(number)s is on hold") % {"number": order["number"]},
                        "amber",
                        "player-pause",
                    ),
                )
            )
        if order["payment_state"] == "refund_due":
            found.append(
                (
                    15,
                    Mark(
                        _("A refund is due on order %(number)s") % {"number": order["number"]},
                        "amber",
                        "receipt-refund",
                    ),
                )
            )
    for each in row["due"] or ():
        amount = formats.money(Money(int(each["minor"]), each["currency"]))
        text = ngettext(
            "%(amount)s is open on order %(number)s",
            "%(amount)s is open on %(orders)s orders",
            each["orders"],
        ) % {
            "amount": amount,
            "number": each["number"],
            "orders": each["orders"],
        }
        found.append((40, Mark(text, "amber", "cash")))
    calls = [each for each in row["history"] or () if _at(each["started_at"]) > now() - timedelta(days=2)]
    if calls:
        text = ngettext(
            "Called once in the last two days", "Called %(count)s times in the last two days", len(calls)
        )
        found.append((50, Mark(text % {"count": len(calls)}, "blue", "repeat")))
    return [each for _rank, each in sorted(found, key=lambda pair: pair[0])][:3]


def _parcel_wanted(order: Json, parcel: Json) -> list[tuple[int, Mark]]:
    values = {
        "number": order["number"],
        "time": _when(parcel["at"]),
        "place": parcel["place"],
    }
    state = parcel["state"]
    if state == "out_for_delivery":
        return [
            (
                5,
                Mark(
                    _("Order %(number)s is out for delivery, scanned %(time)s") % values,
                    "green",
                    "truck-delivery",
                ),
            )
        ]
    if state == "attempt_failed":
        return [
            (
                1,
                Mark(
                    _("Order %(number)s could not be delivered, %(time)s") % values, "red", "alert-triangle"
                ),
            )
        ]
    if state in {"lost", "returning"}:
        text = (
            _("Order %(number)s was lost by the carrier")
            if state == "lost"
            else _("Order %(number)s is coming back to us")
        )
        return [(2, Mark(text % values, "red", "truck-return"))]
    if state in {"in_transit", "handed_over"}:
        text = (
            _("Order %(number)s is on its way, last seen %(time)s in %(place)s")
            if parcel["place"]
            else _("Order %(number)s is on its way, last seen %(time)s")
        )
        return [(20, Mark(text % values, "blue", "truck-delivery"))]
    if state == "packed":
        return [
            (35, Mark(_("Order %(number)s is packed and waits for the carrier") % values, "blue", "package"))
        ]
    if state == "delivered" and _at(parcel["at"]) > now() - timedelta(days=7):
        return [(45, Mark(_("Order %(number)s was delivered %(time)s") % values, "green", "package-import"))]
    return []


@dataclass(frozen=True, slots=True)
class Found:
    """A customer who was looked up, and why."""

    id: UUID
    name: str
    about: str
    tier_label: str
    tier_tone: str


def found(actor: Actor, text: str) -> list[Found]:
    """Customers by anything typed into the one box; an order number finds whose order it is."""
    matches = [(each.customer, each.because) for each in search_customers(actor, text, limit=12)]
    known = {customer.id for customer, _because in matches}
    for order in _orders_numbered(actor, text):
        if order.customer_id and order.customer_id not in known:
            owner = Customer.objects.filter(id=order.customer_id).first()
            if owner is not None:
                matches.insert(0, (owner, _("Order %(number)s") % {"number": order.number}))
    result = []
    for customer, because in matches[:12]:
        tier = labels.mark(labels.TIER, customer.tier)
        result.append(
            Found(customer.id, customer.name, f"{customer.number} · {because}", tier.text, tier.tone)
        )
    return result


def _orders_numbered(actor: Actor, text: str) -> list[Order]:
    number = text.replace(" ", "").replace("-", "").lstrip("#")
    if not number.isdecimal() or len(number) > 20 or not actor.can("orders.view"):
        return []
    return list(Order.objects.filter(number=number)[:1])
