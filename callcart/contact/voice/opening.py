"""How a call begins in the database: whose number was dialled, who seems to call, and the conversation's first row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from callcart.contact.voice.engine import CallArrived
from callcart.contact.voice.flow import CallFacts
from callcart.contact.voice.models import MAIN_NODE, RecordingFileState
from callcart.contact.voice.records import CallRow
from callcart.contact.voice.states import CallState
from callcart.core.database import raw
from callcart.core.ids import new_id, next_number
from callcart.core.tenancy import acting_for
from callcart.people.customers.public import read_caller
from callcart.people.tenants.models import ServiceNumber
from callcart.people.tenants.public import service_number, settings_of

_OPEN = (
    "SELECT * FROM voice_open(%s::int, %s::text, %s::uuid, %s::text, %s::text, %s::text, %s::text, %s::text, %s::text[],"
    " %s::text, %s::text)"
)
_MOST_DIALLED = 40


def number_of(dialled: str) -> ServiceNumber | None:
    """The service number that was dialled, with or without its `+`, or with `00`."""
    text = "".join(c for c in dialled[:_MOST_DIALLED] if c.isascii() and (c.isdigit() or c == "+"))
    forms = [text] if text.startswith("+") else ["+" + text.removeprefix("00"), "+" + text]
    found = (service_number(form) for form in dict.fromkeys(forms) if len(form) > 1)
    return next((number for number in found if number is not None), None)


def open_call(arrival: CallArrived, node: str = MAIN_NODE) -> CallRow | None:
    """Begin a conversation for this leg of a node, or give the one begun for it; None where nobody has the number dialled, or where it has
    been ended meanwhile (its node was thought dead). Receivers of
    parcels at the caller's number are a guess, which is the desk's: only owners are customers here."""
    number = number_of(arrival.dialled)
    if number is None:
        return None
    tenant = number.tenant
    options = settings_of(tenant)
    caller = read_caller("anonymous" if arrival.hidden else arrival.caller, tenant.country)
    with acting_for(tenant.id):
        short = next_number("conversation")
    arguments = (
        tenant.id, arrival.channel, new_id(), short, caller.e164, caller.raw, number.number,
        options.offered(tenant.language), list(options.languages),
        RecordingFileState.PENDING.value if options.record_calls else RecordingFileState.NONE.value,
        node,
    )  # fmt: skip
    row = CallRow(*_read(raw.autocommit_one(_OPEN, arguments), tenant.id, number.number))
    return None if row.state is CallState.ENDED else row


def _read(row: Sequence[Any], tenant_id: int, dialled: str) -> tuple[Any, ...]:
    (
        conversation_id,
        language,
        e164,
        state,
        channel,
        agent,
        staff_id,
        offer_id,
        legs,
        flow,
        lost_at,
        recording,
    ) = row
    facts = CallFacts(tenant_id, conversation_id, language, e164, dialled)
    wanted = recording == RecordingFileState.PENDING
    return facts, CallState(state), channel, agent, staff_id, offer_id, legs, flow, lost_at, wanted
