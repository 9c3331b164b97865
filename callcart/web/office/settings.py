"""The shop's own settings, host names and service numbers in the office."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.contact.voice import replace as prompts
from callcart.core.errors import Invalid
from callcart.people.tenants import public as tenants
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.names import in_language
from callcart.web.office import hours

SECONDS = (
    "wrap_up_seconds",
    "ring_seconds",
    "sticky_seconds",
    "service_level_seconds",
    "service_level_percent",
)
PLAIN = ("name", "name_zh", "currency", "timezone", "language", "country")


@requires("tenants.manage")
def settings(request: HttpRequest) -> HttpResponse:
    """Name, money, clock, and the seconds the call centre works by."""
    actor = actor_of(request)
    tenant = tenants.get_tenant(actor.tenant_id)
    errors: dict[str, str] = {}
    message = ""
    if request.method == "POST":
        posted = request.POST
        with attempt() as tried:
            version = posted.get("version", "")
            tenants.update_tenant(
                actor,
                version=int(version) if version.isdecimal() and len(version) < 10 else 0,
                settings=_options(request),
                **{name: posted.get(name, "") for name in PLAIN},
            )
        if tried:
            return go(request, url("office:settings"), toast=_("Saved."))
        errors, message = tried.fields, tried.message
    return page(
        request, "office/settings.html", shop=tenant, options=tenants.settings_of(tenant), errors=errors, message=message,
        hosts=tenants.list_hosts(actor.tenant_id), posted=request.POST, status=422 if message else 200,
        days=list(enumerate(zip(hours.day_names(), hours.lines(tenants.settings_of(tenant)), strict=True))),
    )  # fmt: skip


def _options(request: HttpRequest) -> dict[str, Any]:
    """The settings of the form. Raises Invalid for opening hours that cannot be read."""
    posted = request.POST
    values: dict[str, Any] = {name: posted.get(name, "") for name in SECONDS}
    values["record_calls"] = "record_calls" in posted
    if hours.field(0) in posted:
        values["languages"] = posted.getlist("languages")
        values["business_hours"] = hours.read_week(posted.dict())
    return values


@require_POST
@requires("tenants.manage")
def add_host(request: HttpRequest) -> HttpResponse:
    tenants.add_host(actor_of(request), request.POST.get("host", ""))
    return go(request, url("office:settings"), toast=_("Host name added."))


@require_POST
@requires("tenants.manage")
def remove_host(request: HttpRequest, host_id: UUID) -> HttpResponse:
    tenants.remove_host(actor_of(request), host_id)
    return go(request, url("office:settings"), toast=_("Host name removed."))


@requires("tenants.manage")
def numbers(request: HttpRequest) -> HttpResponse:
    """Service numbers, the queue behind each, and what greets; a new number by the form below."""
    actor, errors, message = actor_of(request), dict[str, str](), ""
    if request.method == "POST":
        with attempt() as tried:
            tenants.add_service_number(
                actor, request.POST.get("number", ""), name=request.POST.get("name", ""),
                name_zh=request.POST.get("name_zh", ""), queue_id=_queue(request), greeting=_greeting(request),
            )  # fmt: skip
        if tried:
            return go(request, url("office:numbers"), toast=_("Service number added."))
        errors, message = tried.fields, tried.message
    return page(
        request, "office/numbers.html", numbers=tenants.list_service_numbers(actor.tenant_id), queues=_queues(), greetings=prompts.greetings(actor),
        errors=errors, message=message, posted=request.POST,
        status=422 if message else 200,
    )  # fmt: skip


@require_POST
@requires("tenants.manage")
def number(request: HttpRequest, number_id: UUID) -> HttpResponse:
    """Change a number's names, queue, greeting, or whether it answers."""
    posted = request.POST
    changes: dict[str, Any] = {name: posted[name] for name in ("name", "name_zh") if name in posted}
    if "greeting" in posted:
        changes["greeting"] = _greeting(request)
    tenants.update_service_number(
        actor_of(request), number_id, queue_id=_queue(request), is_active="is_active" in posted, **changes
    )
    return go(request, url("office:numbers"), toast=_("Saved."))


def _queues() -> list[tuple[str, str]]:
    from callcart.contact.routing.models import Queue

    return [(str(each.id), in_language(each.name, each.name_zh)) for each in Queue.objects.order_by("code")]


def _queue(request: HttpRequest) -> UUID | None:
    """The queue chosen: one of this shop's, or none."""
    wanted = request.POST.get("queue", "")
    if not wanted:
        return None
    if wanted not in dict(_queues()):
        raise Invalid(fields={"queue": _("Choose one of the queues offered.")})
    return UUID(wanted)


def _greeting(request: HttpRequest) -> str:
    """The greeting chosen: one that this shop has added, or the one every call begins with."""
    wanted = request.POST.get("greeting", "")
    if wanted and wanted not in dict(prompts.greetings(actor_of(request))):
        raise Invalid(fields={"greeting": _("Choose one of the greetings offered.")})
    return wanted
