"""One case: its page, and each step of it. A refusal comes back in the part of the page it was sent from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.public import CaseDetail, FindingDraft, Goods, Settlement, Wish
from callcart.commerce.inventory import public as inventory
from callcart.core import files, pictures
from callcart.core.actor import Actor
from callcart.core.ids import new_id, read_id
from callcart.core.money import Money
from callcart.people.approvals import public as approvals
from callcart.web.http import Attempt, actor_of, attempt, go, page, reading_here, requires
from callcart.web.jinja import url
from callcart.web.office import words as office_words
from callcart.web.office.aftersales import words
from callcart.web.office.money import words as money_words
from callcart.web.office.refusal import refusal

_NO_REMEDY = {Goods.REPAIR: str(Wish.REPAIR), Goods.SEND_BACK: ""}


@requires("aftersales.view")
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    return case_page(request, case_id)


def case_page(
    request: HttpRequest, case_id: UUID, *, tried: Attempt | None = None, part: str = ""
) -> HttpResponse:
    """The page of a case; after a refusal with what was wrong in its `part`."""
    actor = reading_here(actor_of(request))
    detail = aftersales.case_detail(actor, case_id)
    said = refusal(tried)
    above = isinstance(said.error, approvals.NeedsApproval)
    return page(
        request, "office/aftersales/case.html", status=said.status, detail=detail, case=detail.case, order=detail.order,
        aftersales=words, words=office_words, money_words=money_words, said=said, part=part, above=above,
        posted=request.POST, key=request.POST.get("key") or str(new_id()), **_beside(actor, detail),
        asked=approvals.waiting_for(("return", case_id)),
    )  # fmt: skip


def _beside(actor: Actor, detail: CaseDetail) -> dict[str, Any]:
    """What the parts that are open now need."""
    allowed = detail.allowed
    settled = detail.case.state in ("settled", "closed")
    return {
        "proposal": aftersales.preview(actor, detail.case.id) if "settle" in allowed else None,
        "warehouses": [
            (str(each.id), each.name_in(actor.language))
            for each in inventory.list_warehouses()
            if each.is_active
        ]
        if "receive" in allowed
        else [],
        "pictures": list(detail.case.pictures.all()),
        "settled": settled,
        "costs": list(detail.case.costs.all()),
    }


def _act(
    request: HttpRequest, case_id: UUID, verb: Callable[..., Any], part: str, said: str, **arguments: Any
) -> HttpResponse:
    with attempt() as tried:
        verb(actor_of(request), case_id, version=_whole(request.POST.get("version", "")), **arguments)
    if tried:
        return go(request, url("office:return", case_id), toast=said)
    return case_page(request, case_id, tried=tried, part=part)


@require_POST
@requires("aftersales.approve")
def approve(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Accept it; above the reader's limit the page offers to ask, and this asks."""
    if request.POST.get("ask") == "1":
        reason = request.POST.get("why", "")
        said = _("Asked for approval. You hear when it is decided.")
        return _act(request, case_id, aftersales.ask_to_approve, "approve", said, reason=reason)
    answer = request.POST.get("answer", "")
    return _act(request, case_id, aftersales.approve, "approve", _("Return accepted."), answer=answer)


@require_POST
@requires("aftersales.approve")
def refuse(request: HttpRequest, case_id: UUID) -> HttpResponse:
    answer = request.POST.get("answer", "")
    return _act(request, case_id, aftersales.refuse, "refuse", _("Return not accepted."), answer=answer)


@require_POST
@requires("aftersales.ask")
def cancel(request: HttpRequest, case_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(request, case_id, aftersales.cancel, "cancel", _("Return withdrawn."), reason=reason)


@require_POST
@requires("aftersales.ask")
def sent(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """What the customer says of their parcel."""
    with attempt() as tried:
        aftersales.note_sent(
            actor_of(request), case_id, carrier=request.POST.get("carrier", ""),
            tracking=request.POST.get("tracking", ""),
        )  # fmt: skip
    if tried:
        return go(request, url("office:return", case_id), toast=_("Saved."))
    return case_page(request, case_id, tried=tried, part="sent")


@require_POST
@requires("aftersales.receive")
def receive(request: HttpRequest, case_id: UUID) -> HttpResponse:
    units = {
        UUID(name.removeprefix("units-")): _signed(str(value))
        for name, value in request.POST.items()
        if name.startswith("units-") and read_id(name.removeprefix("units-"))
    }
    place = request.POST.get("warehouse", "")
    return _act(
        request, case_id, aftersales.receive, "receive", _("Goods received."), units=units,
        warehouse_id=read_id(place) or new_id(),
    )  # fmt: skip


@require_POST
@requires("aftersales.receive")
def inspect(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """How many of each line become what: `found-<line>-<goods>`, with one remedy and one note for the line."""
    found = findings_of(request.POST, aftersales.case_detail(actor_of(request), case_id))
    return _act(
        request,
        case_id,
        lambda actor, which, *, version: aftersales.inspect(actor, which, found, version=version),
        "inspect",
        _("Inspection saved, stock is up to date."),
    )


def findings_of(posted: Mapping[str, Any], detail: CaseDetail) -> list[FindingDraft]:
    found = []
    for row in detail.lines:
        remedy, note = str(posted.get(f"remedy-{row.id}", "")), str(posted.get(f"note-{row.id}", ""))
        for goods in Goods:
            count = _signed(str(posted.get(f"found-{row.id}-{goods}", "")))
            if count:
                found.append(FindingDraft(row.id, count, goods, _NO_REMEDY.get(goods, remedy), note))
    return found


@require_POST
@requires("aftersales.settle")
def settle(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Do what follows; above the reader's limit of refunds the page offers to ask, and this asks."""
    currency = aftersales.case_detail(actor_of(request), case_id).case.currency
    chosen = Settlement(
        _minor(request.POST.get("fee"), currency), _minor(request.POST.get("delivery"), currency),
        request.POST.get("to", ""),
    )  # fmt: skip
    if request.POST.get("ask") == "1":
        reason = request.POST.get("why", "")
        return _act(
            request,
            case_id,
            lambda actor, which, *, version: aftersales.ask_to_settle(
                actor, which, chosen, version=version, reason=reason
            ),
            "settle",
            _("Asked for approval. You hear when it is decided."),
        )
    return _act(
        request,
        case_id,
        lambda actor, which, *, version: aftersales.settle(actor, which, chosen, version=version),
        "settle",
        _("Return settled."),
    )


@require_POST
@requires("aftersales.settle")
def send_back(request: HttpRequest, case_id: UUID) -> HttpResponse:
    currency = aftersales.case_detail(actor_of(request), case_id).case.currency
    cost = _minor(request.POST.get("cost") or "0", currency)
    return _act(
        request, case_id, aftersales.send_back, "send_back", _("Sent back."), carrier=request.POST.get("carrier", ""),
        tracking=request.POST.get("tracking", ""), cost=Money(-1 if cost is None else cost, currency),
    )  # fmt: skip


@require_POST
@requires("aftersales.receive")
def cost(request: HttpRequest, case_id: UUID) -> HttpResponse:
    currency = aftersales.case_detail(actor_of(request), case_id).case.currency
    amount = _minor(request.POST.get("amount"), currency)
    with attempt() as tried:
        aftersales.add_cost(
            actor_of(request), case_id, kind=request.POST.get("kind", ""),
            amount=None if amount is None else Money(amount, currency), note=request.POST.get("note", ""),
            idempotency_key=request.POST.get("key", "")[:100],
        )  # fmt: skip
    if tried:
        return go(request, url("office:return", case_id), toast=_("Cost noted."))
    return case_page(request, case_id, tried=tried, part="cost")


@require_safe
@requires("aftersales.view")
def slip(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The slip for the parcel, in the customer's language."""
    detail = aftersales.case_detail(actor_of(request), case_id)
    response = HttpResponse(
        aftersales.return_label(detail.case, detail.order.language), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'inline; filename="{detail.case.number}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@requires("aftersales.view")
def picture(request: HttpRequest, case_id: UUID, picture_id: UUID) -> FileResponse:
    """A picture of a case, for those who may see it; never for shared caches."""
    found = aftersales.picture_of(actor_of(request), case_id, picture_id)
    form = "thumb" if request.GET.get("form") == "thumb" else ""
    key = pictures.form_of(found.key, form) if form else found.key
    response = FileResponse(files.path(key).open("rb"), content_type="image/webp")
    response["Cache-Control"] = "private, max-age=3600"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _signed(text: str) -> int:
    """A count as typed; -1 for what is none, which is refused at its field."""
    text = text.strip()
    return _whole(text) if text.isdecimal() else 0 if not text else -1


def _minor(text: str | None, currency: str) -> int | None:
    """An amount as typed; None for nothing typed, -1 for what is none."""
    if text is None or not text.strip():
        return None
    try:
        return Money.parse(text, currency).minor
    except ValueError:
        return -1
