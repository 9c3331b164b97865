"""Calling out from the desk: a customer's number by click, one typed, or the last one again. Nobody needs to see a number to call it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.contact.conversations import public as conversations
from callcart.contact.voice import public as voice
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.http import non_atomic
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.models import Phone
from callcart.people.customers.public import get_customer
from callcart.web.desk.bodies import answer, body_of, id_of, text_of
from callcart.web.http import actor_of, requires


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to call."""

    number: str
    customer_id: UUID | None = None
    language: str = ""


@requires("desk.use", "routing.work", "voice.dial_out")
@require_POST
@non_atomic
def dial(request: HttpRequest) -> HttpResponse:
    """Call it: the desk's own phone rings at once and answers by itself. The new conversation."""
    actor, body = actor_of(request), body_of(request)
    with tenant_transaction(actor.tenant_id):
        wanted = _wanted(actor, body)
    made = voice.dial(actor, wanted.number, customer_id=wanted.customer_id, language=wanted.language)
    return answer(conversation=str(made))


def _wanted(actor: Actor, body: dict[str, object]) -> Wanted:
    phone_id, talk_id = id_of(body, "phone"), id_of(body, "talk")
    if phone_id is not None:
        actor.require("customers.view")
        phone = Phone.objects.filter(id=phone_id).first()
        if phone is None:
            raise NotFound
        customer = get_customer(phone.customer_id)
        return Wanted(phone.e164, customer.id, customer.language)
    if talk_id is not None:
        talk = conversations.get_conversation(talk_id, actor)
        return Wanted(talk.caller_e164, talk.customer_id, talk.language)
    number = text_of(body, "number", most=40).strip()
    if not number:
        raise Invalid(fields={"number": _("Type a number.")})
    return Wanted(number)
