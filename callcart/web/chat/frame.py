"""The script of the button, and the page in the frame it opens. The frame may be shown by the shop's own pages and by the sites that
the chat's set-up names; browsers keep all others out.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from callcart.contact.callbacks.public import queue_that_calls
from callcart.contact.hours.public import calendar_of
from callcart.contact.messaging.public import visitors, visits
from callcart.contact.webcalls import public as webcalls
from callcart.core.clock import now
from callcart.engage.notices.public import sends_transcripts
from callcart.people.tenants.public import settings_of
from callcart.web import assets
from callcart.web.http import page
from callcart.web.jinja import live_origin
from callcart.web.middleware import content_security_policy
from callcart.web.reader import reader

BRANDS = ("grain", "sea")  # colours of pages, as the shop has them; else pine


@require_GET
@cache_control(max_age=300, public=True)
def widget(request: HttpRequest) -> HttpResponse:
    """The one script line of a page of somebody else: its address stays, whatever version is installed."""
    body = (assets.ROOT / "chat" / "widget.js").read_bytes()
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_GET
def frame(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """The chat itself."""
    line = visitors.chat_line(line_id)
    calendar, brand = calendar_of(line.queue_id), request.GET.get("brand", "")
    greeting = line.values.get("greeting_zh" if reader().language == "zh-hans" else "greeting", "")
    response = page(
        request,
        "chat/frame.html",
        line=line,
        greeting=greeting,
        watched=visits.watched(line),
        mails=sends_transcripts(),
        calls=webcalls.offered(line),
        recorded=settings_of(request.tenant).record_calls,  # type: ignore[attr-defined]
        calls_back=queue_that_calls(line.queue_id) is not None,
        brand=brand if brand in BRANDS else "",
        is_open=calendar.is_open(now()),
        opens_at=None if calendar.is_open(now()) else calendar.next_opening(now()),
        live=f"{live_origin(request, scheme='ws')}/chat",
        sip=live_origin(request, scheme="ws"),
    )
    allowed = " ".join(("'self'", *visitors.read_origins(line.values.get("origins", ""))))
    policy = content_security_policy(request).replace("frame-ancestors 'none'", f"frame-ancestors {allowed}")
    response["Content-Security-Policy"] = policy
    response["X-Frame-Options"] = "SAMEORIGIN"  # for browsers too old to know frame-ancestors
    response["Cross-Origin-Opener-Policy"] = "unsafe-none"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
