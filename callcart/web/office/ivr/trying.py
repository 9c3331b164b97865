"""Trying a flow in the browser: who calls and what they press is chosen, what they would hear is read and listened to."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_safe

from callcart.contact.routing import public as routing
from callcart.core.http import non_atomic
from callcart.engage.ivr import labels
from callcart.engage.ivr import public as ivr
from callcart.engage.ivr.blocks import KEYS
from callcart.engage.ivr.listen import sound_of
from callcart.engage.ivr.rehearse import HANG_UP, MOST_PRESSED, SILENT
from callcart.people.customers.public import Tier
from callcart.people.tenants.public import get_tenant, list_service_numbers, settings_of
from callcart.web.http import actor_of, is_htmx, page, requires
from callcart.web.ranges import ranged
from callcart.web.reader import reader


@require_safe
@requires("ivr.view")
def rehearsal(request: HttpRequest, flow_id: UUID) -> HttpResponse:
    """The call so far; what was pressed stands in the address, so that a call can be sent to a colleague."""
    actor, given = actor_of(request), request.GET
    view = ivr.flow_view(actor, flow_id)
    number = given.get("version", "")
    found = view.draft or view.published
    wanted = (
        int(number)
        if number.isascii() and number.isdecimal() and len(number) < 8
        else getattr(found, "number", 0)
    )
    version = ivr.version_of(actor, flow_id, wanted)
    graph = ivr.graph_in(version)
    pressed = [each for each in given.get("pressed", "")[:MOST_PRESSED] if each in {*KEYS, SILENT, HANG_UP}]
    played = ivr.rehearse(graph, _pretend(request), pressed)
    queues = {str(queue.id): queue.name_in(reader().language) for queue in routing.queues()}
    return page(
        request, "office/ivr/try.html", block="call" if is_htmx(request) else "", view=view, flow=view.flow, version=version,
        played=played, pressed="".join(pressed), given=given, queues=queues, keys="123456789*0#", silent=SILENT, hang_up=HANG_UP,
        tiers=[(value, label) for value, label in Tier.choices], full=len(pressed) >= MOST_PRESSED,
        numbers=[(each.number, each.number) for each in list_service_numbers(actor.tenant_id)],
        titles=labels.titles_of(graph),
    )  # fmt: skip


@require_GET
@non_atomic
@requires("ivr.view")
def sound(request: HttpRequest) -> HttpResponse | FileResponse:
    """A sentence as callers hear it."""
    given, actor = request.GET, actor_of(request)
    path = sound_of(actor, given.get("text", ""), given.get("language", ""), key=given.get("key", ""))
    answer = ranged(request, path, "audio/wav")
    answer["Cache-Control"] = "no-store"
    return answer


def _pretend(request: HttpRequest) -> ivr.Pretend:
    """Who calls. A form that was sent names what is ticked; before that, a customer we know calls in opening hours."""
    given, shop = request.GET, get_tenant()
    options = settings_of(shop)
    fresh = "who" not in given
    first = given.get("language", "")
    languages = sorted(options.languages, key=lambda language: language != first)
    return ivr.Pretend(
        languages=tuple(languages),
        is_open=fresh or "open" in given,
        known=fresh or "known" in given,
        order=fresh or "order" in given,
        tier=given.get("tier", "standard"),
        case="case" in given,
        number=given.get("number", ""),
        recorded=options.record_calls,
        right=fresh or "right" in given,
        names={language: shop.name_in(language) for language in ("en", "zh-hans")},
        opens={"en": _OPENS_EN, "zh-hans": _OPENS_ZH},
    )


_OPENS_EN = "We open again tomorrow at 9 AM."
_OPENS_ZH = "我们将于明天早上九点整恢复服务。"
