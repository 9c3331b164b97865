"""A written conversation on the screen: its regions, its files, its formatted mails; and who else has it open."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.conversations import comments, together
from callcart.contact.conversations import public as conversations
from callcart.contact.conversations import tags as tagging
from callcart.contact.conversations.models import Conversation
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Attachment, Message
from callcart.contact.routing import public as routing
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.core.sms_length import sms_length
from callcart.web.desk import visit as visits
from callcart.web.desk import webcalling, written
from callcart.web.desk.bodies import answer, body_of, text_of
from callcart.web.desk.screen import Screen
from callcart.web.http import actor_of, page, requires
from callcart.web.names import staff_names
from callcart.web.reader import reader

# A mail on the screen runs nothing, loads nothing from elsewhere, sends nothing, and leads nowhere but into a new tab.
_FRAME = (
    "default-src 'none'; img-src 'self' data:{pictures}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
# A tag ends at the first `>` that stands in no value: what a picture is called may hold one.
_PICTURE = re.compile(r'<img\b((?:[^">]|"[^"]*")*)>', re.IGNORECASE)
_VALUE = re.compile(r'([a-z-]+)="([^"]*)"')
_FRAMED = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><base target="_blank"><title>{title}</title><style>
body{{margin:8px;font:14px/1.5 system-ui,"PingFang SC","Noto Sans SC","Microsoft YaHei",sans-serif;color:#1d273b;background:#fff;
overflow-wrap:anywhere}}img{{max-width:100%;height:auto}}table{{max-width:100%}}.quoted{{color:#667;border-left:2px solid #ccd;
padding-left:8px}}img.remote:not([src]){{display:inline-block;min-width:16px;min-height:16px;border:1px dashed #99a}}</style></head>
<body>{body}</body></html>"""


def show(request: HttpRequest, row: Conversation, screen: Screen) -> HttpResponse:
    """Every region of a written conversation in one answer."""
    actor = actor_of(request)
    read = comments.read_mentions(actor, row.id)
    talk = written.talk_of(actor, row)
    if screen.customer is None:
        screen.who, screen.name_fill = talk.called or talk.peer, talk.called
        screen.caller_fill = screen.caller_fill if row.channel == "sms" else ""
    return page(
        request,
        "desk/written.html",
        screen=screen,
        talk=talk,
        read=read,
        sleeps=written.choices_of_sleep(),
        tags=tagging.all_tags(),
        call=_call_of(actor),
        visit=visits.visit_of(row),
        webcall=webcalling.calling_of(actor, row),
        length=sms_length(talk.draft) if row.channel == "sms" else None,
        **common(request, screen),
    )


def _call_of(actor: Actor) -> UUID | None:
    """The call this agent is in, so that he finds back to it."""
    if actor.id is None or not routing.is_agent(actor.id):
        return None
    return routing.agent_state(actor.id).conversation_id


def common(request: HttpRequest, screen: Screen) -> dict[str, Any]:
    """What the customer's region needs besides."""
    actor = actor_of(request)
    return {
        "may_order": actor.can("orders.place"),
        "may_reveal": actor.can("customers.see_phone"),
        "office_customer": reverse("office:customer", args=[screen.customer.id]) if screen.customer else "",
    }


@requires("desk.use", "conversations.view")
@require_GET
def earlier(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The messages before a place."""
    actor, text = actor_of(request), request.GET.get("before", "")
    row = conversations.get_conversation(conversation_id, actor)
    if row.channel == "voice" or not (text.isascii() and text.isdecimal() and 0 < len(text) < 9):
        raise NotFound
    return page(request, "desk/_written_thread.html", talk=written.talk_of(actor, row, before=int(text)))


@requires("desk.use", "conversations.view")
@require_POST
def here(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """This desk has the conversation open (or has left it); who else has."""
    actor, body = actor_of(request), body_of(request)
    if body.get("left"):
        together.gone(actor, conversation_id)
        return answer(others=[])
    found = together.here(actor, conversation_id, writes=bool(body.get("writes")))
    if body.get("writes"):
        messaging.visitors.agent_types(actor, conversation_id)
    names = staff_names(each.staff_id for each in found)
    return answer(others=[{"name": names.get(each.staff_id, ""), "writes": each.writes} for each in found])


@requires("desk.use", "messaging.write")
@require_POST
def length(request: HttpRequest) -> HttpResponse:
    """How an SMS is counted: its units, parts, and the room there is in them."""
    found = sms_length(text_of(body_of(request), "text", most=60_000))
    return answer(units=found.units, parts=found.parts, room=found.room, wide=found.wide)


# ---- what came with messages ----


@requires("desk.use", "conversations.view")
@require_GET
def attachment(request: HttpRequest, attachment_id: UUID) -> HttpResponse:
    """A file of a message: a picture is shown, all else is saved, whatever it calls itself."""
    found, content = messaging.open_attachment(actor_of(request), attachment_id)
    shown = found.type in messaging.PICTURES and request.GET.get("save") is None
    return file_answer(found.name, found.type if shown else "application/octet-stream", content, shown=shown)


def file_answer(name: str, type_: str, content: bytes, *, shown: bool) -> HttpResponse:
    """Bytes that a browser shows as a picture or saves, and never runs."""
    response = HttpResponse(content, content_type=type_)
    way = "inline" if shown else "attachment"
    response["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(name, safe='')}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'self'"
    response["Cache-Control"] = "private, max-age=3600"
    return response


@requires("desk.use", "conversations.view")
@require_GET
def formatted(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """A mail as it was designed, for a frame that can run nothing; pictures from elsewhere only where they are asked for."""
    message = Message.objects.filter(id=message_id).first()
    if message is None or not message.html:
        raise NotFound
    conversations.get_conversation(message.conversation_id, actor_of(request))
    pictures = request.GET.get("pictures") == "1"
    body = _with_pictures(message, remote=pictures)
    response = HttpResponse(
        _FRAMED.format(lang=reader().language, title=escape(message.subject or _("E-mail")), body=body)
    )
    response["Content-Security-Policy"] = _FRAME.format(pictures=" https: http:" if pictures else "")
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response


def _with_pictures(message: Message, *, remote: bool) -> str:
    by_cid = dict(Attachment.objects.filter(message=message).exclude(cid="").values_list("cid", "id"))

    def shown(found: re.Match[str]) -> str:
        values = dict(_VALUE.findall(found[1]))
        cid, address = values.pop("data-cid", None), values.get("data-src")
        if cid is not None:
            attached = by_cid.get(unescape(cid))
            if attached is None:
                return ""
            values["src"] = reverse("desk:attachment", args=[attached])
        elif address is not None and remote:
            values |= {"src": address, "referrerpolicy": "no-referrer"}
        written = "".join(f' {name}="{value}"' for name, value in values.items())
        return f"<img{written}>"

    return _PICTURE.sub(shown, message.html)


def framing(policy: str) -> str:
    """The policy of the desk's page: it may frame what this same host gives it."""
    return policy.replace("frame-src 'none'", "frame-src 'self'")
