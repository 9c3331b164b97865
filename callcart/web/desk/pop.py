"""The screen pop: one statement (screen_pop.sql) in, what the reader may see out. Numbers and mails are masked here, on the
server, for everybody: whoever may see them in full asks for it, and the audit knows. No template gets what it must not show.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import connections
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callcart.commerce.orders import public as orders
from callcart.contact.conversations import public as conversations
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.database import sql
from callcart.core.errors import NotFound
from callcart.core.money import Money
from callcart.web import formats
from callcart.web.desk import business, labels, proof, webcalling
from callcart.web.desk.moments import at, at_or_none
from callcart.web.desk.screen import Line, Note, Person, Screen, Second, Step, Talk, Wrap
from callcart.web.desk.wanted import wanted
from callcart.web.names import in_language

Json = Mapping[str, Any]
NEVER_BY_ITSELF = 1_000_000


def read(actor: Actor, *, conversation_id: UUID | None = None, customer_id: UUID | None = None) -> Json:
    """The row of the statement, unmasked, of orders and talks within the reader's reach: for `screen()` only."""
    connection = connections["default"]
    connection.ensure_connection()
    if connection.connection.prepare_threshold is None:
        # Django's default forbids even the preparing that is asked for below.
        connection.connection.prepare_threshold = NEVER_BY_ITSELF
    values = {**within_reach(actor), "conversation": conversation_id, "customer": customer_id}
    # The driver's own cursor: parsed and planned once a connection.
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql("callcart.web.desk", "screen_pop"), values, prepare=True)
        row = cursor.fetchone()
    found: Json = row[0] if row else {}
    return found


def within_reach(actor: Actor) -> dict[str, Any]:
    """The parameters of the statement that say who reads, and how far his permissions reach."""
    held = orders.reach(actor, "orders.view")
    return {
        "tenant": actor.tenant_id,
        "staff": actor.id,
        "every_order": held.everything,
        "orders_of": held.agent_id,
        "regions": [region.upper() for region in held.regions],
        "talks_of": _talks_of(actor),
    }


def _talks_of(actor: Actor) -> list[UUID | None] | None:
    """Whose earlier talks are shown; None for everybody's."""
    if not actor.can("conversations.view"):
        return [actor.id]
    whose = conversations.agents_within_reach(actor)
    return None if whose is None else list(whose)


def screen(actor: Actor, *, conversation_id: UUID | None = None, customer_id: UUID | None = None) -> Screen:
    """What the desk shows. Raises NotFound for a conversation or customer that is not there or not for this reader."""
    row = read(actor, conversation_id=conversation_id, customer_id=customer_id)
    talk, person = row["talk"], row["customer"]
    if (conversation_id and talk is None) or (customer_id and person is None):
        raise NotFound
    if talk and not _may_see(actor, row):
        raise NotFound
    if not actor.can("customers.view"):
        row, person = {**row, "customer": None, "candidates": None, "matched": None}, None
    customer = business.person_of(person) if person else None
    if not actor.can("aftersales.view"):
        row = {**row, "returns": None}
    history, sees_orders = row["history"] or (), orders.reach(actor, "orders.view").everything
    found = Screen(
        talk=_talk(actor, row) if talk else None,
        who=_who(row, customer),
        about=_about(actor, row, customer),
        customer=customer,
        candidates=[business.candidate_of(each) for each in row["candidates"] or ()],
        wanted=wanted(row, sees_orders=sees_orders),
        orders=[business.order_of(each, asks=actor.can("aftersales.ask")) for each in row["orders"] or ()],
        returns=[business.return_of(each) for each in row.get("returns") or ()],
        due=[Money(int(each["minor"]), each["currency"]) for each in row["due"] or ()],
        open=[business.past_of(each) for each in history if each["state"] != "closed"],
        history=[business.past_of(each) for each in history if each["state"] == "closed"],
        path=_path(row["path"] or (), {each["id"]: each["number"] for each in row["orders"] or ()}),
        notes=_notes(row["notes"] or ()),
        wrap=_wrap(row["wrap_up"]),
        recognised=bool(talk and customer and talk["customer_id"] is None),
        sees_orders=sees_orders,
        sees_talks=_talks_of(actor) is None,
        channel=talk["channel"] if talk else "voice",
    )
    if talk and customer is None:
        _fill_caller(found, actor, talk)
    if (proven := proof.proof_of(row)) is not None:
        found.proof, found.proof_advice = proven, proof.advice(proven)
    return found


def _may_see(actor: Actor, row: Json) -> bool:
    whose, talk_id = conversations.agents_within_reach(actor), UUID(row["talk"]["id"])
    if whose is None or row["talk"]["agent_id"] in map(str, whose):
        return True
    return _is_offered(actor, row) or conversations.is_within_reach(actor, talk_id)


def _is_offered(actor: Actor, row: Json) -> bool:
    return bool(row["offer"]) and row["offer"]["staff_id"] == str(actor.id)


def _is_asked(actor: Actor, row: Json) -> bool:
    """The reader is asked to join this talk."""
    consult = row.get("consult")
    return consult is not None and row["talk"]["state"] == "active" and consult["staff_id"] == str(actor.id)


def _phase(actor: Actor, row: Json) -> str:
    """How far a talk is for this reader: who is asked to join hears it ring, who has passed it on has something to write."""
    talk, consult = row["talk"], row.get("consult")
    if talk["agent_id"] != str(actor.id):
        if talk["state"] == "active" and _is_offered(actor, row):
            return "offered"
        if consult and consult["staff_id"] == str(actor.id):
            return "asked"
        if row["wrap_until"] and talk["state"] != "closed":
            return "passed_on"
    if talk["state"] == "active" and talk["direction"] == "outbound" and not talk["answered_at"]:
        return "dialling" if talk["channel"] == "voice" else "active"
    return "before" if talk["state"] in {"new", "ivr", "waiting"} else str(talk["state"])


def _second(row: Json, *, held: bool) -> Second | None:
    consult = row.get("consult")
    if not consult:
        return None
    name = in_language(consult["name"] or "", consult["name_zh"] or "") or business.masked(
        consult["number"] or ""
    )
    together = consult["side"] == "in" and not held
    return Second(name, consult["side"], bool(consult["passing"]), together)


def _fill_caller(found: Screen, actor: Actor, talk: Json) -> None:
    """What the form for a new customer begins with: the number, masked for those who may not see it."""
    e164, raw = talk["caller_e164"], talk["caller_raw"]
    if webcalling.is_by_page(talk["direction"], raw):
        return
    if not e164:
        found.hidden_number, found.bad_number = not raw, raw[:40]
        return
    found.caller_masked = business.masked(e164)
    found.caller_fill = formats.phone(e164) if actor.can("customers.see_phone") else ""


def _talk(actor: Actor, row: Json) -> Talk:
    talk, offer, wrap = row["talk"], row["offer"], row["wrap_up"] or {}
    state = talk["state"]
    phase = _phase(actor, row)
    badge = labels.mark(labels.CONVERSATION, phase if phase in labels.CONVERSATION else state)
    held = _held_since(row["path"] or ())
    return Talk(
        id=talk["id"],
        number=talk["number"],
        phase=phase,
        label=badge.text,
        tone=badge.tone,
        mine=talk["agent_id"] == str(actor.id) or phase == "offered",
        language=talk["language"],
        started_at=at(talk["started_at"]),
        answered_at=at_or_none(talk["answered_at"]),
        ended_at=at_or_none(talk["ended_at"]),
        offer_id=offer["id"] if offer and offer["staff_id"] == str(actor.id) else "",
        expires_at=at_or_none(offer["expires_at"]) if offer else None,
        wrap_until=at_or_none(row["wrap_until"]),
        wrap_note=wrap.get("note", "") if wrap.get("submitted_at") else "",
        disposition=in_language(wrap.get("name") or "", wrap.get("name_zh") or "")
        if wrap.get("submitted_at")
        else "",
        wrapped=bool(wrap.get("submitted_at")),
        held_since=held,
        second=_second(row, held=held is not None) if state == "active" else None,
        chat_id=str(webcalling.chat_of(UUID(talk["id"]), talk["direction"], talk["caller_raw"]) or ""),
        has_number=bool(talk["caller_e164"]) and talk["channel"] == "voice",
        recorded=bool((row.get("sound") or {}).get("kept")),
        recording_paused=bool((row.get("sound") or {}).get("paused")),
        line=_line(row.get("line") or {}) if state == "active" else Line(),
    )


def _line(row: Any) -> Line:
    """Whose sound does not come, and by what number it is parked, until when."""
    return Line(row.get("silent") or "", row.get("orbit"), at_or_none(row.get("until")))


# All three together, and with the one to whom the talk was passed on, the customer hears somebody without having been taken back.
_HEARD_AGAIN = frozenset({"hold.ended", "consult.joined", "transfer.completed", "park.taken"})


def _held_since(path: Any) -> datetime | None:
    for each in reversed(path):
        if each["kind"] == "hold.started":
            return at(each["at"])
        if each["kind"] in _HEARD_AGAIN:
            return None
    return None


def _who(row: Json, customer: Person | None) -> str:
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
        return _("New caller %(phone)s") % {"phone": business.masked(talk["caller_e164"])}
    if talk and webcalling.is_by_page(talk["direction"], talk["caller_raw"]):
        return webcalling.visitor_name(talk["caller_raw"])
    return _("Hidden number") if talk and not talk["caller_raw"] else _("Unknown caller")


def _about(actor: Actor, row: Json, customer: Person | None) -> str:
    """Why we think so, the number, and the way in."""
    talk = row["talk"]
    if talk is None:
        return ""
    parts = []
    matched = row["matched"]
    if (customer or row["candidates"]) and talk["caller_e164"]:
        parts.append(business.masked(talk["caller_e164"]))
    if matched:
        parts.append(_("known by %(reason)s") % {"reason": labels.REASON[matched["reason"]]})
    elif customer:
        parts.append(_("chosen by hand"))
    if webcalling.is_by_page(talk["direction"], talk["caller_raw"]):
        parts.append(_("on the web, out of a chat"))
    elif talk["direction"] == "outbound":
        owed = talk["state"] in ("waiting", "offered")
        parts.append(_("callback: they are called once you answer") if owed else _("called by us"))
    if row["queue"]:
        parts.append(in_language(row["queue"]["name"], row["queue"]["name_zh"]))
    parts.append("中文" if talk["language"].startswith("zh") else "English")
    if _is_asked(actor, row):
        parts.insert(
            0,
            _("asked by %(name)s")
            % {"name": in_language(row["consult"]["asker"] or "", row["consult"]["asker_zh"] or "")},
        )
    if talk["queued_at"]:
        until = at_or_none(talk["answered_at"]) or at_or_none(talk["ended_at"]) or now()
        parts.append(_("waited %(time)s") % {"time": formats.duration(until - at(talk["queued_at"]))})
    return " · ".join(parts)


def _path(rows: Any, orders_by_id: dict[str, str]) -> list[Step]:
    found = []
    for each in rows:
        data = each["data"] or {}
        number = orders_by_id.get(data.get("id", ""), "")
        moment, said = at(each["at"]), labels.step(each["kind"], {**data, "number": number})
        named = each["kind"] not in labels.NOBODYS
        who = in_language(each["who"], each["who_zh"]) if named else ""
        found.append(
            Step(moment, formats.time_to_the_second(moment), said.text, said.icon, said.tone or "plain", who)
        )
    return found


def _notes(rows: Any) -> list[Note]:
    return [Note(at(each["at"]), each["text"], in_language(each["who"], each["who_zh"])) for each in rows]


def _wrap(row: Json | None) -> Wrap:
    if row is None:
        return Wrap()
    chosen, parent = row["disposition_id"] or "", row["parent_id"] or ""
    return Wrap(row["note"], chosen, parent or chosen, row["saved_at"] or "")
