"""One conversation on the desk: its regions, whose it is, notes, wrap-up, recording. The screen pop is its first sight."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.conversations import public as conversations
from callcart.contact.routing import public as routing
from callcart.people.customers import public as customers
from callcart.web import sounds
from callcart.web.desk import pop, writing, written_page
from callcart.web.desk.bodies import answer, body_of, id_of, text_of, wanted
from callcart.web.desk.found import found
from callcart.web.http import actor_of, page, requires
from callcart.web.players import of_conversation
from callcart.web.reader import reader


@requires("desk.use", "conversations.view")
@require_GET
def show(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Every region of a conversation in one answer: who, why, what is wanted, the path, the person."""
    actor = actor_of(request)
    screen = pop.screen(actor, conversation_id=conversation_id)
    if screen.channel != "voice":
        return written_page.show(request, conversations.get_conversation(conversation_id, actor), screen)
    talk = screen.talk
    if screen.caller_fill:  # an unmasked number is shown: the audit knows
        customers.record_number_seen(actor, ("conversation", conversation_id))
    if talk is not None and talk.phase == "active" and talk.mine and screen.recognised and screen.customer:
        conversations.set_customer(
            actor, conversation_id, UUID(screen.customer.id)
        )  # answered: now it is known to be theirs
    wrapping = talk is not None and talk.may_wrap and talk.phase == "wrap_up"
    heard = talk is not None and talk.phase in {"wrap_up", "closed"} and actor.can("recordings.listen")
    return page(
        request,
        "desk/conversation.html",
        screen=screen,
        talk=talk,
        path=screen.path,
        notes=screen.notes,
        wrap=screen.wrap,
        dispositions=conversations.dispositions(reader().language) if wrapping else (),
        recordings=of_conversation(actor, conversation_id, address="desk:recording") if heard else (),
        **written_page.common(request, screen),
    )


@requires("desk.use", "customers.view")
@require_GET
def show_customer(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """A customer who was looked up, with nobody on the line."""
    screen = pop.screen(actor_of(request), customer_id=customer_id)
    return page(
        request, "desk/customer.html", screen=screen, talk=None, **written_page.common(request, screen)
    )


@requires("desk.use", "customers.view")
@require_GET
def look_up(request: HttpRequest) -> HttpResponse:
    """Customers by anything: name, any form of a number, mail, customer or order number."""
    text = request.GET.get("q", "").strip()[:200]
    return page(request, "desk/_found.html", found=found(actor_of(request), text) if text else [])


@requires("desk.use", "conversations.handle")
@require_POST
def set_customer(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """This conversation is with that customer."""
    actor = actor_of(request)
    customer_id = wanted(body_of(request), "customer")
    conversations.get_conversation(conversation_id, actor)
    customers.get_customer(customer_id)
    conversations.set_customer(actor, conversation_id, customer_id)
    return answer(customer=str(customer_id))


@requires("desk.use", "conversations.handle", "customers.edit")
@require_POST
def new_customer(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Write down who it is. Without a number or an address typed, it is the one they called or wrote from."""
    actor, body = actor_of(request), body_of(request)
    talk = conversations.get_conversation(conversation_id, actor)
    made = customers.create_customer(
        actor,
        name=text_of(body, "name", most=1000),
        phone=text_of(body, "phone", most=1000).strip() or talk.caller_e164,
        email=text_of(body, "email", most=1000).strip() or (talk.peer if talk.channel == "mail" else ""),
        language=text_of(body, "language", most=20) or talk.language,
        source=talk.channel,
    )
    conversations.set_customer(actor, conversation_id, made.id)
    return answer(customer=str(made.id))


@requires("desk.use", "customers.see_phone")
@require_POST
def reveal(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """A customer's numbers in full, by the id of each; the look is in the audit."""
    full = customers.unmask_phones(actor_of(request), customer_id)
    rows = customers.Phone.objects.filter(customer_id=customer_id)
    return answer(phones={str(row.id): full[row.e164] for row in rows if row.e164 in full})


@requires("desk.use", "conversations.handle")
@require_POST
def write_note(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """A note on a conversation that is over, or a colleague's."""
    note = conversations.write_note(
        actor_of(request), conversation_id, text=text_of(body_of(request), "text")
    )
    return answer(note=str(note.id))


@requires("desk.use", "conversations.handle")
@require_POST
def save_draft(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """What is written so far, kept while it is typed."""
    body = body_of(request)
    row = conversations.save_wrap_up_draft(
        actor_of(request),
        conversation_id,
        note=text_of(body, "note"),
        disposition_id=id_of(body, "disposition"),
    )
    return answer(saved_at=row.saved_at.isoformat())


@requires("desk.use", "conversations.handle")
@require_POST
def wrap_up(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Send the wrap-up; after the commit the agent is ready for the next one."""
    actor, body = actor_of(request), body_of(request)
    routing.complete_wrap_up(
        actor,
        conversation_id,
        note=text_of(body, "note"),
        disposition_id=id_of(body, "disposition"),
    )
    writing.ready_once_sent(actor)
    return answer(done=True)


@requires("desk.use", "recordings.listen")
@require_GET
def recording(request: HttpRequest, recording_id: UUID) -> sounds.Answer:
    """The sound itself, in pieces where asked for; each listening is in the audit."""
    return sounds.played(request, recording_id)
