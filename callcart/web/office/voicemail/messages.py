"""Messages that callers have left, newest first, and how each queue takes them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.contact.conversations.models import Conversation
from callcart.contact.recordings import public as recordings
from callcart.contact.routing import public as routing
from callcart.contact.voicemail import public as voicemail
from callcart.core.errors import NotFound
from callcart.core.ids import read_id
from callcart.web.http import actor_of, attempt, go, page, requires, units_typed, version_seen
from callcart.web.jinja import url
from callcart.web.names import customer_names, queue_names, staff_names
from callcart.web.office.calls import state_labels
from callcart.web.office.customers import masked
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, time_cursor_of
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@requires("conversations.view")
def messages(request: HttpRequest) -> HttpResponse:
    """Those within the reader's reach, by queue."""
    actor = actor_of(request)
    queues = {str(each.id): each.name_in(reader().language) for each in routing.queues()}
    chosen = choice(request, "queue", queues)
    cursor = time_cursor_of(request)
    after = (datetime.fromisoformat(cursor.key), UUID(cursor.id)) if cursor else None
    found = voicemail.messages_left(actor, queue_id=read_id(chosen), after=after, most=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    found = found[:PAGE]
    talks = Conversation.objects.in_bulk([each.id for each in found])
    return page(
        request,
        "office/voicemail/messages.html",
        found=found,
        talks=talks,
        queues=queues,
        chosen=chosen,
        chips=[Chip("queue", _("Queue"), queues[chosen])] if chosen else [],
        customers=customer_names({talk.customer_id for talk in talks.values()}),
        staff=staff_names({talk.agent_id for talk in talks.values()}),
        states={**state_labels(), "active": _("Being dealt with"), "closed": _("Dealt with")},
        masked=masked,
        trouble=recordings.trouble_now(),
        next=Cursor(last.began_at.isoformat(), str(last.id)).text() if last else "",
    )


@requires("voicemail.setup")
def boxes(request: HttpRequest) -> HttpResponse:
    """How each queue takes messages."""
    found = voicemail.boxes()
    names = queue_names({*found, *(box.to_queue_id for box in found.values())})
    return page(request, "office/voicemail/boxes.html", boxes=found, names=names)


@requires("voicemail.setup")
def box(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """One queue: its greeting, how long, who gets them."""
    found, tried = voicemail.boxes(), None
    if queue_id not in found:
        raise NotFound
    shown = found[queue_id]
    if request.method == "POST":
        with attempt() as tried:
            voicemail.save_box(actor_of(request), queue_id, _draft(request), version=version_seen(request))
        if tried:
            return go(request, url("office:voicemail_boxes"), toast=_("Saved. The next caller hears it."))
    said, names = refusal(tried), queue_names(found)
    typed = request.POST if request.method == "POST" else {}
    return page(
        request,
        "office/voicemail/box.html",
        status=said.status,
        said=said,
        stale=isinstance(said.error, voicemail.BoxChanged),
        box=shown,
        typed=typed,
        name=names.get(queue_id, ""),
        others=[(str(each), names[each]) for each in found if each != queue_id and each in names],
        lengths=voicemail.LENGTHS,
        silences=voicemail.SILENCES,
    )


def _draft(request: HttpRequest) -> voicemail.BoxDraft:
    posted = request.POST
    return voicemail.BoxDraft(
        text=posted.get("text", ""),
        text_zh=posted.get("text_zh", ""),
        most_s=units_typed(posted.get("most_s", "")),
        silence_s=units_typed(posted.get("silence_s", "")),
        to_queue_id=read_id(posted.get("to_queue_id", "")) if posted.get("to_queue_id") else None,
        is_on="is_on" in posted,
    )
