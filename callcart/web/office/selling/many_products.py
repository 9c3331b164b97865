"""What is done with ticked products: on sale or off it, and prices by percent, shown before they are set."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from callcart.commerce.catalog import public as catalog
from callcart.core.errors import Conflict, Invalid
from callcart.core.fields import Fields
from callcart.core.ids import read_ids
from callcart.web.http import actor_of, attempt, go, page, requires, safe_next
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal
from callcart.web.office.selling import typed

SHOWN = 200


@require_POST
@requires("catalog.manage")
def on_sale(request: HttpRequest) -> HttpResponse:
    """The ticked products on sale or off."""
    wanted = request.POST.get("act") == "on"
    with attempt(Invalid) as tried:
        count = catalog.set_on_sale(actor_of(request), _ticked(request), wanted)
    back = safe_next(request, url("office:products"))
    if not tried:
        return go(request, back, toast=tried.message, kind="warning")
    text = (
        ngettext("%(count)d product put on sale.", "%(count)d products put on sale.", count)
        if wanted
        else ngettext("%(count)d product taken off sale.", "%(count)d products taken off sale.", count)
    )
    return go(request, back, toast=text % {"count": count})


@require_POST
@requires("catalog.manage")
def prices(request: HttpRequest) -> HttpResponse:
    """New prices of the ticked products: first shown, then, sent back as they were shown, set."""
    actor, posted, ticked, form = actor_of(request), request.POST, _ticked(request), Fields()
    back = safe_next(request, url("office:products"))
    if not ticked:
        return go(request, back, toast=_("Tick one product at least."), kind="warning")
    preview, set_tried = None, None
    percent = typed.scaled(form, posted, "percent", places=2)
    percent = -percent if posted.get("direction") == "down" else percent
    step = int(posted["step"]) if posted.get("step") in {"1", "10", "100", "1000"} else 1
    how = {"percent_bp": percent, "step": step}
    if (seen := posted.get("seen", "")) and "again" not in posted:
        with attempt() as set_tried:
            form.done()
            count = catalog.change_prices(actor, ticked, **how, seen=seen)
        if set_tried:
            text = ngettext("%(count)d price set.", "%(count)d prices set.", count) % {"count": count}
            return go(request, back, toast=text)
    if "percent" not in posted:
        return _page(request, ticked, back=back)
    with attempt(Invalid) as tried:
        form.done()
        preview = catalog.preview_prices(actor, ticked, **how)
    moved = set_tried is not None and isinstance(set_tried.error, Conflict)
    refused = refusal(tried)
    return _page(
        request, ticked, preview, back=back, errors=refused.fields, moved=moved,
        message="" if refused.fields else refused.message, status=409 if moved else refused.status,
    )  # fmt: skip


def _page(
    request: HttpRequest,
    ticked: list[UUID],
    preview: catalog.PricePreview | None = None,
    *,
    back: str,
    errors: dict[str, str] | None = None,
    message: str = "",
    moved: bool = False,
    status: int = 200,
) -> HttpResponse:
    currency = typed.currency_of(request)
    changes = preview.changes if preview else ()
    return page(
        request, "office/selling/products_prices.html", ticked=ticked, preview=preview, changes=changes[:SHOWN],
        more=max(0, len(changes) - SHOWN), zero=[c.variant.sku for c in changes if c.after == 0][:20],
        currency=currency, posted=request.POST, back=back, errors=errors or {}, message=message, moved=moved, status=status,
        steps=[(str(each), typed.shown_amount(each, currency)) for each in (1, 10, 100, 1000)],
    )  # fmt: skip


def _ticked(request: HttpRequest) -> list[UUID]:
    return list(dict.fromkeys(read_ids(request.POST.getlist("product")[:1000])))
