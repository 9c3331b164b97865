"""What an agent does with a written conversation: accept, take, answer, set aside, put off, end, spam. Each is one verb of messaging;
those of routing run outside of the request's transaction.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations import reply_drafts
from callcart.contact.conversations.models import ReplyDraft
from callcart.contact.messaging import answering, attach, life
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Message
from callcart.contact.routing import public as routing
from callcart.core import files
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.http import non_atomic
from callcart.core.tenancy import tenant_transaction
from callcart.engage.canned import public as canned
from callcart.engage.notices.links import shop_address
from callcart.engage.survey import public as survey
from callcart.web.desk.bodies import answer, body_of, id_of, text_of
from callcart.web.desk.written_page import file_answer
from callcart.web.http import actor_of, requires
from callcart.web.reader import reader

SURVEY = "/survey/"
MORNING = time(9, 0)
AFTER = ("", "set_aside", "finish", "snooze")


def survey_address(token: str) -> str:
    """Where a customer answers, in the shop."""
    return shop_address(SURVEY + token)


class OfferGone(Conflict):
    """This is not offered to you any more."""

    code = "desk.offer_gone"


@requires("desk.use", "routing.work", "messaging.write")
@require_POST
@non_atomic
def accept(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Take up what is offered."""
    actor = actor_of(request)
    assert actor.id is not None
    with tenant_transaction(actor.tenant_id):
        if conversations.get_conversation(conversation_id).channel == "voice":
            raise NotFound
    if not routing.accept(conversation_id, actor.id):
        raise OfferGone
    return answer(conversation=str(conversation_id))


@requires("desk.use", "routing.work", "messaging.write")
@require_POST
@non_atomic
def take(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Take one that waits, out of its turn."""
    messaging.take(actor_of(request), conversation_id)
    return answer(conversation=str(conversation_id))


@requires("desk.use", "messaging.write")
@require_POST
@non_atomic
def reply(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Send what was written, once, and perhaps let go of the conversation. `seen`: the newest message that was on the screen; `anyway`:
    the customer wrote meanwhile, and it goes all the same."""
    actor, body = actor_of(request), body_of(request)
    message_id, then, seen = (
        id_of(body, "message_id"),
        text_of(body, "then", most=20),
        _place(body.get("seen")),
    )
    if message_id is None or then not in AFTER:
        raise NotFound
    until = _until(body) if then == "snooze" else None
    text, macro = text_of(body, "text", most=60_000), id_of(body, "macro")
    canned.check_filled(text)
    with tenant_transaction(actor.tenant_id):
        draft = reply_drafts.reply_draft_of(actor, conversation_id)
        message = answering.answer(
            actor,
            conversation_id,
            messaging.Words(text, files=_opened(draft)),
            message_id=message_id,
            seen=10**9 if body.get("anyway") else seen,
        )
        serial = _place(body.get("serial"), most=10**15)
        reply_drafts.drop_reply_draft(actor, conversation_id, serial=serial)
        if macro is not None:
            canned.apply_macro(actor, macro, conversation_id)
    try:
        _let_go(actor, conversation_id, then, message, until)
    except Conflict as error:
        return answer(
            place=message.place, stays=error.message
        )  # it is sent, and the conversation is still here
    return answer(place=message.place)


def _opened(draft: ReplyDraft | None) -> tuple[messaging.File, ...]:
    return tuple(
        messaging.File(each.name, each.type, files.path(each.key).read_bytes())
        for each in reply_drafts.files_of(draft)
    )


def _let_go(actor: Actor, conversation_id: UUID, then: str, message: Message, until: datetime | None) -> None:
    """What follows the answer. A word of the customer's that came in between is not passed over: the conversation stays."""
    if then == "finish":
        with tenant_transaction(actor.tenant_id):
            if life.heard_after(conversation_id, message.place):
                raise messaging.HeardMeanwhile
        survey.finish(actor, conversation_id, address=survey_address, seen=message.place)
    elif then:
        answering.put_aside(actor, conversation_id, seen=message.place, until=until)


@requires("desk.use", "messaging.write")
@require_POST
@non_atomic
def set_aside(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """With nobody until the customer writes, or until a time."""
    actor, body = actor_of(request), body_of(request)
    until = _until(body) if body.get("until") else None
    answering.put_aside(actor, conversation_id, seen=_place(body.get("seen")), until=until)
    return answer(done=True)


@requires("desk.use", "messaging.write")
@require_POST
@non_atomic
def finish(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """End it without a word."""
    actor, seen = actor_of(request), _place(body_of(request).get("seen"))
    with tenant_transaction(actor.tenant_id):
        conversations.get_conversation(conversation_id, actor)
        if life.heard_after(conversation_id, seen):
            raise messaging.HeardMeanwhile
    survey.finish(actor, conversation_id, address=survey_address, seen=seen)
    return answer(done=True)


@requires("desk.use", "messaging.write")
@require_POST
@non_atomic
def spam(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Nobody is to answer this address any more; or, with `on` false, one is again."""
    actor = actor_of(request)
    if body_of(request).get("on", True):
        messaging.mark_spam(actor, conversation_id)
        return answer(message=_("Marked as spam. What comes from this address calls for no answer any more."))
    with tenant_transaction(actor.tenant_id):
        row = conversations.get_conversation(conversation_id, actor)
        messaging.not_spam(actor, row.channel, row.peer)
    return answer(message=_("No spam any more: what comes from this address is answered again."))


@requires("desk.use", "messaging.write")
@require_POST
def send_again(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Send one again that did not arrive, or perhaps did not."""
    actor = actor_of(request)
    message = Message.objects.filter(id=message_id).first()
    if message is None:
        raise NotFound
    conversations.get_conversation(message.conversation_id, actor)
    messaging.send_again(actor, message_id)
    return answer(message=_("It is sent again."))


# ---- what is being written ----


@requires("desk.use", "messaging.write")
@require_POST
def draft(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """What is written so far, kept while it is typed."""
    body = body_of(request)
    row = reply_drafts.save_reply_draft(
        actor_of(request),
        conversation_id,
        text=text_of(body, "text", most=60_000),
        serial=_place(body.get("serial"), most=10**15),
    )
    return answer(serial=row.serial)


@requires("desk.use", "messaging.write")
@require_POST
def upload(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """A file that is to go with the answer."""
    actor, sent = actor_of(request), request.FILES.get("file")
    if sent is None or sent.size is None:
        raise Invalid(fields={"files": _("Choose a file.")})
    if sent.size > attach.MOST_BYTES:
        raise Invalid(fields={"files": _("Files of at most 25 MB each, please.")})
    conversations.to_handle(actor, conversation_id)
    content = sent.read()
    file = reply_drafts.DraftFile(
        str(uuid4()), attach.name_of(sent.name or ""), attach.type_of(content), len(content),
        files.put(content, kind=attach.KIND),
    )  # fmt: skip
    return _files(reply_drafts.add_draft_file(actor, conversation_id, file))


@requires("desk.use", "messaging.write")
@require_POST
def drop_file(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """It does not go along after all."""
    name = text_of(body_of(request), "file", most=40)
    return _files(reply_drafts.drop_draft_file(actor_of(request), conversation_id, name))


@requires("desk.use", "messaging.write")
@require_GET
def draft_file(request: HttpRequest, conversation_id: UUID, file_id: str) -> HttpResponse:
    """A file of one's own draft, looked at before it goes."""
    found = reply_drafts.files_of(reply_drafts.reply_draft_of(actor_of(request), conversation_id))
    file = next((each for each in found if each.id == file_id), None)
    if file is None:
        raise NotFound
    shown = file.type in messaging.PICTURES
    content = files.path(file.key).read_bytes()
    return file_answer(file.name, file.type if shown else attach.PLAIN, content, shown=shown)


def _files(row: ReplyDraft) -> HttpResponse:
    found = reply_drafts.files_of(row)
    return answer(files=[{"id": each.id, "name": each.name, "size": each.size} for each in found])


# ---- reading what the page sends ----


def _place(value: object, *, most: int = 10**9) -> int:
    """A count of the page's; 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else 0


def _until(body: dict[str, object]) -> datetime:
    """When to be looked at again: minutes from now, a morning of the reader's, or a moment of his day (`2026-12-01T09:00`)."""
    chosen, zone = str(body.get("until", "")), reader().tz
    local = now().astimezone(zone)
    if chosen.isascii() and chosen.isdecimal() and len(chosen) < 7:
        return now() + timedelta(minutes=int(chosen))
    if chosen in ("tomorrow", "monday"):
        days = 1 if chosen == "tomorrow" else 7 - local.weekday()
        return datetime.combine(local.date() + timedelta(days=days), MORNING, tzinfo=zone)
    try:
        moment = datetime.fromisoformat(chosen)
    except ValueError:
        raise Invalid(fields={"until": _("Choose a day and a time.")}) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
