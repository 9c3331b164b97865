"""Returns in the shop: asking for one from an order, and following it. Whoever may see the order may see its returns."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.public import (
    REASONS,
    WISHES,
    AskableLine,
    AskDraft,
    AskLine,
    CaseDetail,
    Kind,
)
from callcart.commerce.catalog.public import Variant, variants
from callcart.commerce.orders import public as orders
from callcart.core import files
from callcart.core.errors import Conflict, Invalid
from callcart.core.ids import new_id, spoken
from callcart.web.http import Attempt, attempt, units_typed, version_seen
from callcart.web.reader import reader
from callcart.web.shop.visit import leave, show, visit_of


@dataclass(frozen=True, slots=True)
class Step:
    """One of the steps of a return; `mark` is `done`, `now` or empty."""

    label: str
    mark: str


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """The form for a return or an exchange of an order, and what it sends."""
    visit, tried = visit_of(request), None
    detail = orders.order_by_number(visit.actor, number)
    lines = aftersales.askable(visit.actor, detail.order.id)
    given = request.POST.get("kind") or request.GET.get("kind", "")
    kind = Kind(given) if given in set(Kind) else Kind.RETURN
    draft = _draft(request, kind, lines)
    if request.method == "POST":
        with attempt(Invalid, Conflict) as tried:
            keys = aftersales.keep_pictures(request.FILES.getlist("pictures"))
            key = request.POST.get("key", "")[:100]
            made = aftersales.ask(visit.actor, detail.order.id, draft, idempotency_key=key)
            aftersales.add_pictures(visit.actor, made.id, keys)
        if tried:
            return leave(reverse("shop:return", kwargs={"number": made.number}), said="return_asked")
    return _ask_page(request, detail, kind, lines, draft, tried)


def _draft(request: HttpRequest, kind: Kind, lines: list[AskableLine]) -> AskDraft:
    posted = request.POST
    wanted = tuple(
        AskLine(each.line.id, count, _swap(each, posted.get(f"swap-{each.line.id}", "")))
        for each in lines
        if (count := units_typed(posted.get(f"units-{each.line.id}", "")))
    )
    return AskDraft(
        kind=kind, reason=posted.get("reason", ""), lines=wanted, wish=posted.get("wish", ""),
        text=posted.get("text", ""),
    )  # fmt: skip


def _swap(each: AskableLine, sku: str) -> UUID | None:
    """The variant wanted instead; one that is none of the product's is nobody's, and refused at its field."""
    if not sku:
        return None
    return next((row.id for row in _sisters(each) if row.sku == sku), new_id())


def _sisters(each: AskableLine) -> list[Variant]:
    rows = Variant.objects.filter(product__variants=each.line.variant_id, on_sale=True).exclude(
        id=each.line.variant_id
    )
    return list(rows.order_by("position")[:50])


def _ask_page(
    request: HttpRequest,
    detail: orders.OrderDetail,
    kind: Kind,
    lines: list[AskableLine],
    draft: AskDraft,
    tried: Attempt | None,
) -> HttpResponse:
    errors = dict(tried.fields) if tried is not None and not tried else {}
    wanted = {each.line_id: (index, each.quantity) for index, each in enumerate(draft.lines)}
    pictures = variants(each.line.variant_id for each in lines)
    rows = []
    for each in lines:
        index, units = wanted.get(each.line.id, (-1, 0))
        rows.append(
            {
                "line": each.line,
                "image": hit.image if (hit := pictures.get(each.line.variant_id)) else "",
                "possible": each.kinds[kind],
                "units": units if units > 0 else 0,
                "swaps": _sisters(each) if kind is Kind.EXCHANGE else [],
                "error": errors.get(f"lines.{index}.quantity") or errors.get(f"lines.{index}.exchange", ""),
            }
        )
    return show(
        request, "shop/return_ask.html", status=tried.status if tried is not None and not tried else 200, order=detail.order,
        number=spoken(detail.order.number), kind=kind, rows=rows,
        kinds=[(str(each), aftersales.kind_label(each)) for each in Kind],
        reasons=[(str(each), aftersales.reason_label(each)) for each in REASONS[kind]],
        wishes=[(str(each), aftersales.wish_label(each)) for each in WISHES[kind]], form=request.POST, errors=errors,
        message=tried.message if tried is not None and not tried else "",
        key=request.POST.get("key") or str(new_id()),
        possible=any(each.kinds[kind].most and not each.kinds[kind].why_not for each in lines),
    )  # fmt: skip


@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    return case_page(request, aftersales.case_by_number(visit_of(request).actor, number))


def case_page(
    request: HttpRequest,
    detail: CaseDetail,
    *,
    message: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    found = detail.case
    return show(
        request, "shop/return.html", status=status, detail=detail, case=found, number=spoken(found.number),
        order=detail.order, order_number=spoken(detail.order.number), steps=_steps(detail), message=message,
        errors=errors or {}, form=request.POST, kind=aftersales.kind_label(found.kind), standing=_standing(detail),
        reason=aftersales.reason_label(found.reason), pictures=list(found.pictures.all()),
        history=list(reversed(detail.history)), exchange=detail.exchange,
        over=found.state in ("refused", "cancelled"),
    )  # fmt: skip


def _steps(detail: CaseDetail) -> list[Step]:
    """Asked, accepted, received, settled; none of one that was refused or withdrawn."""
    place = {
        "asked": 0, "waiting": 1, "approved": 1, "received": 2, "inspected": 2, "settled": 3, "closed": 4,
    }.get(detail.case.state)  # fmt: skip
    if place is None:
        return []
    labels = (pgettext("step of a return", "Asked for"), _("Accepted"), _("With us"), _("Settled"))
    return [
        Step(label, "done" if at < place else "now" if at == place else "") for at, label in enumerate(labels)
    ]


def _standing(detail: CaseDetail) -> str:
    """Where it stands and what to do, in a sentence."""
    case = detail.case
    if case.state == "waiting":
        return (
            _("Your parcel is on its way back to us.")
            if case.sent_tracking or case.parcel_id
            else _("Please send the goods back to us, with the slip in the parcel.")
        )
    if case.state in ("settled", "closed"):
        return _done(detail)
    return {
        "asked": _("We have your request and answer soon."),
        "approved": _("We have accepted it; you need not send anything."),
        "received": _("Your goods are here and are being looked at."),
        "inspected": _("We have looked at your goods and settle it now."),
        "refused": _("We could not accept this."),
        "cancelled": _("This was withdrawn."),
    }.get(case.state, "")


def _done(detail: CaseDetail) -> str:
    case = detail.case
    if case.refund_minor:
        return (
            _("Your money is on its way back.")
            if case.state == "settled"
            else _("Your money was given back.")
        )
    if detail.exchange is not None:
        return _("Your replacement is ordered.")
    return _("Your goods are on their way to you.") if case.sent_back_at else _("This is settled.")


@require_POST
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Withdraw it, before the goods are with us."""
    visit = visit_of(request)
    detail = aftersales.case_by_number(visit.actor, number)
    with attempt(Invalid, Conflict) as tried:
        aftersales.cancel(
            visit.actor,
            detail.case.id,
            version=version_seen(request),
        )
    return _back(request, number, tried, "return_cancelled")


@require_POST
def sent(request: HttpRequest, number: str) -> HttpResponse:
    """The customer has handed the parcel to a carrier."""
    visit = visit_of(request)
    detail = aftersales.case_by_number(visit.actor, number)
    with attempt(Invalid, Conflict) as tried:
        aftersales.note_sent(
            visit.actor,
            detail.case.id,
            carrier=request.POST.get("carrier", ""),
            tracking=request.POST.get("tracking", ""),
        )
    return _back(request, number, tried, "saved")


def _back(request: HttpRequest, number: str, tried: Attempt, said: str) -> HttpResponse:
    if tried:
        return leave(reverse("shop:return", kwargs={"number": number}), said=said)
    fresh = aftersales.case_by_number(visit_of(request).actor, number)
    return case_page(
        request,
        fresh,
        message="" if tried.fields else tried.message,
        errors=tried.fields,
        status=tried.status,
    )


@require_safe
def slip(request: HttpRequest, number: str) -> HttpResponse:
    """The slip for the parcel."""
    detail = aftersales.case_by_number(visit_of(request).actor, number)
    page = aftersales.return_label(detail.case, reader().language)
    response = HttpResponse(page, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{detail.case.number}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def picture(request: HttpRequest, number: str, picture_id: UUID) -> HttpResponseBase:
    """A picture of one's own case; stored nowhere."""
    visit = visit_of(request)
    detail = aftersales.case_by_number(visit.actor, number)
    found = aftersales.picture_of(visit.actor, detail.case.id, picture_id)
    response = FileResponse(files.path(found.key).open("rb"), content_type="image/webp")
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
