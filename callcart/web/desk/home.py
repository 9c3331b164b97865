"""The desk's page and the pieces of its bar and inbox; the agent's state; signing in again in place."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from callcart.config import config
from callcart.contact.conversations import public as conversations
from callcart.contact.routing import public as routing
from callcart.contact.voice import public as voice
from callcart.core import feed
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Invalid
from callcart.core.http import non_atomic
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff import public as staff
from callcart.web.accounts.sign_in import keep_session, log_in
from callcart.web.desk import demo, keys, keys_written, parking, standing, written_page
from callcart.web.desk import inbox as inboxes
from callcart.web.desk.bodies import answer, body_of, text_of
from callcart.web.http import actor_of, page, render, requires
from callcart.web.jinja import live_origin
from callcart.web.middleware import content_security_policy


@requires("desk.use")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The whole desk; what the agent had before a reload is opened again."""
    actor = actor_of(request)
    box = standing.agent_box(actor)
    response = page(
        request,
        "desk/home.html",
        agent=box,
        pause_reasons=standing.pause_reasons(),
        figures=standing.figures(actor),
        inbox=inboxes.inbox(actor),
        parked=parking.parked_now(actor),
        now=now(),
        feed_token=feed.token_of_page(),
        settings=_settings(request, actor, box),
        demo_callers=demo.callers(),
    )
    response["Content-Security-Policy"] = written_page.framing(content_security_policy(request))
    return response


def _settings(request: HttpRequest, actor: Actor, box: standing.AgentBox) -> dict[str, Any]:
    """What the scripts need to know; no secret, and no personal data but one's own."""
    assert actor.id is not None
    me = staff.get_staff(actor.id)
    return {
        "tenant": actor.tenant_id,
        "staff": str(actor.id),
        "email": me.email,
        "telephony": config().telephony != "none" and box.state != "none" and actor.can("routing.work"),
        "active": str(box.conversation_id) if box.conversation_id else "",
        "rejoins": True,
        "urls": _addresses(request, actor),
        "keys": [*keys.listed(), *keys_written.listed()],
        "words": _words(),
    }


def _addresses(request: HttpRequest, actor: Actor) -> dict[str, str]:
    return {
        "conversation": "/desk/c/",
        "customer": "/desk/customer/",
        "state": reverse("desk:state"),
        "now": reverse("desk:now"),
        "figures": reverse("desk:figures"),
        "inbox": reverse("desk:inbox"),
        "idle": reverse("desk:idle"),
        "look_up": reverse("desk:look_up"),
        "order": reverse("desk:order"),
        "repeat": "/desk/order/repeat/",
        "sign_in": reverse("desk:sign_in"),
        "phone": reverse("desk:phone"),
        "dial": reverse("desk:dial"),
        "demo": reverse("desk:demo"),
        "sms_length": reverse("desk:sms_length"),
        "canned": reverse("desk:canned") if actor.can("messaging.write") else "",
        "colleagues": reverse("desk:colleagues"),
        "sip": live_origin(request, scheme="ws"),
    }


def _words() -> dict[str, str]:
    """What the scripts say, in the reader's language."""
    return {
        "ready": _("Get ready"),
        "ready_key": _("Get ready for calls"),
        "my_state": _("My state"),
        "keys": _("Moving around"),
        "pick_key": _("Pick the customer with that digit"),
        "next_key": _("Next conversation in the inbox"),
        "region_inbox": _("Go to the inbox"),
        "region_talk": _("Go to the conversation"),
        "region_person": _("Go to the customer"),
        "no_connection": _("No connection to the server. Try again in a moment."),
    }


@requires("desk.use")
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    return page(request, "desk/_figures.html", figures=standing.figures(actor_of(request)))


@requires("desk.use")
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    return page(request, "desk/_inbox.html", inbox=inboxes.inbox(actor), parked=parking.parked_now(actor))


@requires("desk.use")
@require_GET
def idle(request: HttpRequest) -> HttpResponse:
    """The regions with nobody on the line."""
    return page(request, "desk/idle.html")


@requires("desk.use")
@require_GET
def where_now(request: HttpRequest) -> HttpResponse:
    """Where the agent stands; asked on reconnecting, once in a while, and often while the feed is down."""
    box = standing.agent_box(actor_of(request))
    talk = conversations.find_conversation(box.conversation_id) if box.conversation_id else None
    return answer(
        state=box.state,
        state_html=_state_html(request, box),
        conversation=str(talk.id) if talk else "",
        phase=talk.state if talk else "",
        telephones=str(voice.telephones()),
    )


def _state_html(request: HttpRequest, box: standing.AgentBox) -> str:
    return render(request, "desk/_state.html", agent=box, pause_reasons=standing.pause_reasons())


@requires("desk.use")
@require_POST
@non_atomic
def set_state(request: HttpRequest) -> HttpResponse:
    """Ready, paused with a reason, or off. Routing's verbs are transactions of their own."""
    actor, body = actor_of(request), body_of(request)
    match text_of(body, "state"):
        case "ready":
            routing.agent_ready(actor)
        case "paused":
            routing.agent_pause(actor, text_of(body, "reason", most=100))
        case "offline":
            routing.agent_offline(actor)
        case _:
            raise Invalid(fields={"state": _("Choose ready, a pause, or leaving.")})
    with tenant_transaction(actor.tenant_id):
        box = standing.agent_box(actor)
        return answer(state=box.state, html=_state_html(request, box))


@sensitive_post_parameters()
@require_POST
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Sign in without leaving the page: a call may be going on in it."""
    who, token = log_in(request, code=request.POST.get("totp", ""))
    response = answer(staff=str(who.id))
    keep_session(response, token)
    return response
