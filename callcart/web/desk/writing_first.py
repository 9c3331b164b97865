"""Writing first: a mail or an SMS to a customer, from the panel that shows him. His addresses stay masked; they are named by their ids."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Line
from callcart.core.errors import Invalid
from callcart.core.idempotency import claim
from callcart.people.customers.models import Email, Phone
from callcart.people.customers.public import get_customer
from callcart.web.desk import written_labels
from callcart.web.desk.bodies import answer, body_of, text_of
from callcart.web.http import actor_of, page, requires, wanted_id


@dataclass(frozen=True, slots=True)
class Way:
    """A line, and an address of the customer that it reaches. `value` names both by id."""

    value: str
    label: str
    channel: str
    line_id: UUID
    address: str


def ways_to(customer_id: UUID) -> list[Way]:
    """Every way to write to a customer, mail first, his main addresses first."""
    lines = list(
        Line.objects.filter(is_active=True, channel__in=("mail", "sms"), kind__in=messaging.kinds()).order_by(
            "channel", "name"
        )
    )
    emails = list(Email.objects.filter(customer_id=customer_id).order_by("-is_primary", "created_at"))
    phones = list(Phone.objects.filter(customer_id=customer_id).order_by("-is_primary", "created_at"))
    found = []
    for line in lines:
        addresses = emails if line.channel == "mail" else phones
        for row in addresses:
            address = row.address if isinstance(row, Email) else row.e164
            to = written_labels.peer(line.channel, address)
            label = _("%(channel)s to %(address)s, from %(line)s") % {
                "channel": written_labels.channel(line.channel),
                "address": to,
                "line": line.name,
            }
            found.append(Way(f"{line.id}:{row.id}", label, line.channel, line.id, address))
    return found


@requires("desk.use", "messaging.write", "customers.view")
@require_GET
def form(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """The form, in a dialog."""
    customer = get_customer(customer_id)
    return page(request, "desk/_write_first.html", customer=customer, ways=ways_to(customer_id))


@requires("desk.use", "messaging.write", "customers.view")
@require_POST
def send(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Send it, once for its key; the conversation that begins with it."""
    actor, body = actor_of(request), body_of(request)
    customer = get_customer(customer_id)
    chosen = text_of(body, "way", most=100)
    way = next((each for each in ways_to(customer_id) if each.value == chosen), None)
    if way is None:
        raise Invalid(fields={"way": _("Choose one of the values offered.")})
    words = messaging.Words(
        text_of(body, "text", most=60_000),
        subject=text_of(body, "subject", most=1000) if way.channel == "mail" else "",
    )
    if way.channel == "mail" and not words.subject.strip():
        raise Invalid(fields={"subject": _("Please fill this in.")})
    key = str(wanted_id(text_of(body, "key", most=40)))
    wanted = {"customer": customer_id, "way": chosen, "text": words.text, "subject": words.subject}
    with claim(actor, "desk.write_first", key, wanted) as once:
        if once.stored is None:
            message = messaging.write_first(
                actor,
                way.line_id,
                words,
                to=way.address,
                to_name=customer.name,
                customer_id=customer_id,
                language=customer.language,
            )
            once.store({"conversation": str(message.conversation_id)})
    return answer(**(once.stored or once.answer or {}))
