"""The shop's own settings, host names and service numbers in the office."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.contact.voice import replace as prompts
from callcart.core.errors import Invalid, NotFound
from callcart.core.fields import Fields
from callcart.people.tenants import public as tenants
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.names import in_language
from callcart.web.office import typed_hours
from callcart.web.office.refusal import Refusal, refusal

SECONDS = (
    "wrap_up_seconds",
    "ring_seconds",
    "sticky_seconds",
    "service_level_seconds",
    "service_level_percent",
)
LATE = ("late_chat_minutes", "late_sms_minutes", "late_mail_minutes")
PLAIN = ("name", "name_zh", "currency", "timezone", "language", "country")


@requires("tenants.manage")
def settings(request: HttpRequest) -> HttpResponse:
    """Name, money, clock, and the seconds the call centre works by."""
    if request.method != "POST":
        return _settings_page(request)
    posted, form = request.POST, Fields()
    with attempt() as tried:
        week = dict[str, Any]()
        with form.part():
            week = _week(request)
        with form.part():
            tenants.update_tenant(
                actor_of(request),
                version=version_seen(request),
                settings=_options(request) | week,
                **{name: posted.get(name, "") for name in PLAIN},
            )
        form.done()
    if tried:
        return go(request, url("office:settings"), toast=_("Saved."))
    return _settings_page(request, tried)


def _settings_page(
    request: HttpRequest, tried: Attempt | None = None, *, of_host: bool = False
) -> HttpResponse:
    """The page; after a refusal with what was wrong, at the form it came from."""
    shop = tenants.get_tenant(actor_of(request).tenant_id)
    refused = refusal(tried)
    wrong = (refused.fields or {"host": refused.message}) if of_host else {}
    return page(
        request, "office/settings.html", shop=shop, options=tenants.settings_of(shop), host_errors=wrong,
        errors={} if of_host else refused.fields, hosts=tenants.list_hosts(shop.id),
        message="" if of_host else refused.message, posted={} if of_host else request.POST,
        typed_host=request.POST.get("host", ""), here=request.get_host().partition(":")[0],
        stale=refused.stale,
        days=list(enumerate(zip(typed_hours.day_names(), typed_hours.lines(tenants.settings_of(shop)), strict=True))),
        status=refused.status,
    )  # fmt: skip


def _options(request: HttpRequest) -> dict[str, Any]:
    """The settings of the form, as typed."""
    posted = request.POST
    values: dict[str, Any] = {name: posted.get(name, "") for name in SECONDS}
    values |= {name: posted[name] for name in LATE if name in posted}
    values["record_calls"] = "record_calls" in posted
    values["tell_watched"] = "tell_watched" in posted
    if "approval_hours" in posted:
        values["approval_hours"] = posted["approval_hours"]
    if typed_hours.field(0) in posted:
        values["languages"] = posted.getlist("languages")
    return values


def _week(request: HttpRequest) -> dict[str, Any]:
    """The opening hours of the form, where it has them. Raises Invalid for days that cannot be read."""
    posted = request.POST
    return {"business_hours": typed_hours.read_week(posted.dict())} if typed_hours.field(0) in posted else {}


@require_POST
@requires("tenants.manage")
def add_host(request: HttpRequest) -> HttpResponse:
    with attempt() as tried:
        tenants.add_host(actor_of(request), request.POST.get("host", ""))
    if tried:
        return go(request, url("office:settings"), toast=_("Host name added."))
    return _settings_page(request, tried, of_host=True)


@require_POST
@requires("tenants.manage")
def remove_host(request: HttpRequest, host_id: UUID) -> HttpResponse:
    tenants.remove_host(actor_of(request), host_id)
    return go(request, url("office:settings"), toast=_("Host name removed."))


@requires("tenants.manage")
def numbers(request: HttpRequest) -> HttpResponse:
    """Service numbers, the queue behind each, and what greets; a new number by the form below."""
    if request.method != "POST":
        return _numbers_page(request)
    form = Fields()
    with attempt() as tried:
        chosen = _chosen(request, form)
        with form.part():
            tenants.add_service_number(
                actor_of(request), request.POST.get("number", ""), name=request.POST.get("name", ""),
                name_zh=request.POST.get("name_zh", ""), **chosen,
            )  # fmt: skip
        form.done()
    if tried:
        return go(request, url("office:numbers"), toast=_("Service number added."))
    return _numbers_page(request, tried)


@require_POST
@requires("tenants.manage")
def number(request: HttpRequest, number_id: UUID) -> HttpResponse:
    """Change a number's names, queue, greeting, or whether it answers."""
    posted, form = request.POST, Fields()
    changes: dict[str, Any] = {name: posted[name] for name in ("name", "name_zh") if name in posted}
    with attempt() as tried:
        changes |= _chosen(request, form)
        with form.part():
            tenants.update_service_number(
                actor_of(request), number_id, is_active="is_active" in posted, **changes
            )
        form.done()
    if tried:
        return go(request, url("office:numbers"), toast=_("Saved."))
    if isinstance(tried.error, NotFound):
        raise tried.error
    return _numbers_page(request, tried, number_id)


def _numbers_page(
    request: HttpRequest, tried: Attempt | None = None, wrong: UUID | None = None
) -> HttpResponse:
    """The page; after a refusal with what was wrong in the form of that number, or of the new one."""
    actor = actor_of(request)
    refused = refusal(tried)
    return page(
        request, "office/numbers.html", numbers=tenants.list_service_numbers(actor.tenant_id), queues=_queues(),
        greetings=prompts.greetings(actor), errors=_number_errors(refused), message=refused.message,
        posted=request.POST if refused.error else {}, wrong=wrong, status=refused.status,
    )  # fmt: skip


def _number_errors(refused: Refusal) -> dict[str, str]:
    """What was wrong by field; a number that another shop answers stands at its own."""
    return {"number": refused.message} if isinstance(refused.error, tenants.NumberTaken) else refused.fields


def _queues() -> list[tuple[str, str]]:
    from callcart.contact.routing.models import Queue

    return [(str(each.id), in_language(each.name, each.name_zh)) for each in Queue.objects.order_by("code")]


def _chosen(request: HttpRequest, form: Fields) -> dict[str, Any]:
    """The queue and the greeting of the form; a wrong one is marked there."""
    chosen: dict[str, Any] = {}
    with form.part():
        chosen["queue_id"] = _queue(request)
    with form.part():
        chosen |= {"greeting": _greeting(request)} if "greeting" in request.POST else {}
    return chosen


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
