"""How a call begins in the database: whose number was dialled, who seems to call, and the conversation's first row."""

from __future__ import annotations

from uuid import UUID

from callcart.contact.conversations import public as conversations
from callcart.contact.voice.engine import CallArrived
from callcart.contact.voice.flow import CallFacts
from callcart.contact.voice.models import Call, RecordingFileState
from callcart.contact.voice.records import CallRow
from callcart.contact.voice.states import CallState
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.models import Customer
from callcart.people.customers.public import Reason, find_by_phone, read_caller
from callcart.people.tenants.models import ServiceNumber
from callcart.people.tenants.public import service_number, settings_of

_MOST_DIALLED = 40


def number_of(dialled: str) -> ServiceNumber | None:
    """The service number that was dialled, with or without its `+`, or with `00`."""
    text = "".join(c for c in dialled[:_MOST_DIALLED] if c.isascii() and (c.isdigit() or c == "+"))
    forms = [text] if text.startswith("+") else ["+" + text.removeprefix("00"), "+" + text]
    found = (service_number(form) for form in dict.fromkeys(forms) if len(form) > 1)
    return next((number for number in found if number is not None), None)


def open_call(arrival: CallArrived) -> CallRow | None:
    """Begin a conversation for this leg, or give the one begun for it; None where nobody has the number dialled."""
    number = number_of(arrival.dialled)
    if number is None:
        return None
    tenant = number.tenant
    with tenant_transaction(tenant.id):
        call = Call.objects.filter(customer_channel=arrival.channel).first()
        if call is not None:
            return _known(call, number)
        options = settings_of(tenant)
        caller = read_caller("anonymous" if arrival.hidden else arrival.caller, tenant.country)
        customer = _customer_of(caller.e164)
        spoken = customer.language if customer else tenant.language
        conversation = conversations.open_conversation(
            Actor.system(tenant.id, "voice", channel="voice"),
            caller_e164=caller.e164,
            caller_raw=caller.raw,
            service_number=number.number,
            language=spoken if spoken in options.languages else options.languages[0],
            customer_id=customer.id if customer else None,
        )
        call = Call.objects.create(
            conversation_id=conversation.id,
            customer_channel=arrival.channel,
            recording=RecordingFileState.PENDING if options.record_calls else RecordingFileState.NONE,
        )
        return _row(call, conversation.language, conversation.caller_e164, number.number)


def _customer_of(e164: str) -> Customer | None:
    """Who has this number, where it is one person alone. Receivers of parcels are a guess: the desk shows them."""
    found = [match for match in find_by_phone(e164) if match.reason is Reason.PHONE] if e164 else []
    return found[0].customer if len(found) == 1 else None


def _known(call: Call, number: ServiceNumber) -> CallRow:
    conversation = conversations.get_conversation(call.conversation_id)
    return _row(call, conversation.language, conversation.caller_e164, number.number)


def _row(call: Call, language: str, caller_e164: str, dialled: str) -> CallRow:
    conversation_id: UUID = call.conversation_id
    return CallRow(
        facts=CallFacts(call.tenant_id, conversation_id, language, caller_e164, dialled),
        state=CallState(call.state),
        customer_channel=call.customer_channel,
        agent_channel=call.agent_channel,
        agent_staff_id=call.agent_staff_id,
        offer_id=call.offer_id,
        legs_dialled=call.legs_dialled,
        flow_state=call.flow_state,
        lost_at=call.lost_at,
        recorded=call.recording == RecordingFileState.PENDING,
    )
