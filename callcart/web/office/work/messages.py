"""Messages to customers in the office: what was sent, and what each kind says, with a preview as the customer gets it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext
from django.views.decorators.http import require_POST

from callcart.core import clock
from callcart.core.errors import NotFound
from callcart.core.ids import read_ids
from callcart.engage.notices import public as notices
from callcart.people.tenants.public import get_tenant, settings_of
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.names import order_numbers
from callcart.web.office.listing import (
    PAGE,
    Chip,
    Cursor,
    between,
    choice,
    day_chips,
    periods,
    time_cursor_of,
)
from callcart.web.office.refusal import refusal
from callcart.web.office.work.told import kind_label, mediums, states, told
from callcart.web.reader import LANGUAGES


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind on the page of texts."""

    kind: str
    label: str
    way: str
    own: bool


@requires("notices.view")
def messages(request: HttpRequest) -> HttpResponse:
    """What was sent and what could not be, newest first."""
    actor, after = actor_of(request), time_cursor_of(request)
    filters, chips, choices = _filters(request, actor.timezone)
    found = notices.list_notices(
        actor,
        filters,
        after=(datetime.fromisoformat(after.key), UUID(after.id)) if after else None,
        size=PAGE,
    )
    return page(
        request, "office/work/messages.html", rows=told(found.rows), chips=chips, choices=choices, mediums=mediums(),
        numbers=order_numbers({each.order_id for each in found.rows}), periods=periods(clock.today(actor.timezone)),
        next=Cursor(found.after[0].isoformat(), str(found.after[1])).text() if found.after else "",
        only_shown=notices.only_shown(), dead=any(each.state == notices.NoticeState.DEAD for each in found.rows),
    )  # fmt: skip


def _filters(
    request: HttpRequest, timezone: str
) -> tuple[notices.NoticeFilters, list[Chip], dict[str, dict[str, str]]]:
    choices = {
        "kind": {kind: kind_label(kind) for kind in notices.KINDS},
        "medium": mediums(),
        "state": {key: text for key, (text, _tone) in states().items()},
    }
    labels = {"kind": _("Kind"), "medium": pgettext("message", "By"), "state": _("State")}
    chosen = {name: choice(request, name, options) for name, options in choices.items()}
    chips = [Chip(name, labels[name], choices[name][value]) for name, value in chosen.items() if value]
    since, before = between(request, timezone)
    filters = notices.NoticeFilters(
        kind=chosen["kind"], medium=chosen["medium"], state=chosen["state"], since=since, before=before
    )
    return filters, [*chips, *day_chips(request)], choices


@require_POST
@requires("notices.manage")
def again(request: HttpRequest) -> HttpResponse:
    """Send those that are ticked again."""
    wanted = read_ids(request.POST.getlist("id")[:PAGE])
    with attempt() as tried:
        count = notices.send_again(actor_of(request), wanted)
    if not tried:
        return go(request, url("office:messages"), toast=tried.message, kind="danger")
    said = ngettext("%(count)s message is sent again.", "%(count)s messages are sent again.", count)
    return go(request, url("office:messages"), toast=said % {"count": count})


@requires("notices.manage")
def texts(request: HttpRequest) -> HttpResponse:
    """Each kind: how it goes, and whether the shop wrote its text."""
    if request.method == "POST":
        with attempt() as tried:
            notices.set_way(actor_of(request), request.POST.get("kind", ""), request.POST.get("way", ""))
        if tried:
            return go(request, url("office:message_texts"), toast=_("Saved."))
        return _texts_page(request, tried)
    return _texts_page(request)


def _texts_page(request: HttpRequest, tried: Attempt | None = None) -> HttpResponse:
    refused, chosen = refusal(tried), notices.ways()
    return page(
        request, "office/work/texts.html", message=refused.message, status=refused.status, ways=_ways(),
        rows=[KindRow(kind, kind_label(kind), chosen[kind], notices.is_own(kind)) for kind in notices.KINDS],
    )  # fmt: skip


def _ways() -> list[tuple[str, str]]:
    return [
        ("sms_first", _("SMS, else e-mail")),
        ("mail_first", _("E-mail, else SMS")),
        ("both", _("SMS and e-mail")),
        ("off", _("Not at all")),
    ]


@requires("notices.manage")
def text(request: HttpRequest, kind: str, medium: str, language: str) -> HttpResponse:
    """One text: written on the left, as the customer gets it on the right."""
    if kind not in notices.KINDS or medium not in set(notices.Medium) or language not in notices.LANGUAGES:
        raise NotFound
    found = notices.Medium(medium)
    if request.method != "POST":
        return _text_page(request, kind, found, language)
    posted = request.POST
    with attempt() as tried:
        if posted.get("reset") == "1":
            notices.reset_wording(actor_of(request), kind, found, language)
        else:
            notices.change_wording(
                actor_of(request), kind, found, language, subject=posted.get("subject", ""), body=posted.get("body", "")
            )  # fmt: skip
    if tried:
        return go(request, url("office:message_text", kind, medium, language), toast=_("Saved."))
    return _text_page(request, kind, found, language, tried)


@require_POST
@requires("notices.manage")
def preview(request: HttpRequest, kind: str, medium: str, language: str) -> HttpResponse:
    """The typed text as the customer would get it, or what is wrong with it."""
    if kind not in notices.KINDS or medium not in set(notices.Medium) or language not in notices.LANGUAGES:
        raise NotFound
    posted, found = request.POST, notices.Medium(medium)
    wanted = notices.Wording(posted.get("subject", ""), posted.get("body", ""), own=True)
    with attempt() as tried:
        notices.check(kind, found, subject=wanted.subject, body=wanted.body)
    return page(
        request, "office/work/_preview.html", shown=_shown(wanted, kind, found, language), errors=tried.fields
    )


def _text_page(
    request: HttpRequest, kind: str, medium: notices.Medium, language: str, tried: Attempt | None = None
) -> HttpResponse:
    refused, used = refusal(tried), notices.wording(kind, medium, language)
    typed = used
    if tried is not None:
        typed = notices.Wording(request.POST.get("subject", ""), request.POST.get("body", ""), own=True)
    names = notices.field_labels()
    offered = settings_of(get_tenant()).languages
    return page(
        request, "office/work/text.html", kind=kind, label=kind_label(kind), medium=medium, of=language, used=used,
        typed=typed, fields=[(each, str(names[each])) for each in notices.KINDS[kind].fields], mediums=mediums(),
        needs=notices.KINDS[kind].needs, tongues={key: LANGUAGES[key] for key in offered},
        shown=_shown(typed, kind, medium, language), errors=refused.fields,
        message="" if refused.fields else refused.message, status=refused.status,
        most=notices.MOST_SMS if medium is notices.Medium.SMS else notices.MOST_MAIL,
    )  # fmt: skip


def _shown(wanted: notices.Wording, kind: str, medium: notices.Medium, language: str) -> notices.Filled:
    with override(language):
        values = notices.sample(kind, language=language, shop=get_tenant().name_in(language))
    return notices.fill(wanted, medium, values)
