"""A discount or another price by hand on an order that can still be edited; above one's limit, asking for it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.orders import public as orders
from callcart.commerce.pricing import public as pricing
from callcart.core.errors import AppError, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.people.approvals import public as approvals
from callcart.web.http import actor_of, attempt, go, page, reading_here, requires
from callcart.web.jinja import url
from callcart.web.office.selling import typed

ByHand = orders.SetDiscount | orders.SetPrice


@requires("orders.edit")
def order_price(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Per line a percentage or a price, with the reason; previewed, then made, or asked for."""
    actor, act = reading_here(actor_of(request)), request.POST.get("act", "")
    detail = orders.order_detail(actor, order_id)
    if "edit" not in detail.allowed:
        raise NotFound
    preview, error = None, None
    if request.method == "POST":
        with attempt() as tried:
            actions = _actions(request, detail)
            if act == "ask":
                _ask(request, order_id, actions)
            else:
                preview = orders.preview_change(actor, order_id, actions)
                if preview.problems:
                    raise Invalid(fields=_at_lines(preview))
                if act == "confirm":
                    version = typed.whole(Fields(), request.POST, "version") or 0
                    reason = request.POST.get("reason", "")
                    orders.confirm_change(actor, order_id, actions, version=version, reason=reason)
        if tried and act in {"confirm", "ask"}:
            said = _("Order changed.") if act == "confirm" else _("Asked for approval.")
            return go(request, url("office:order", order_id), toast=said)
        error = tried.error
    return _page(request, detail, preview, error)


def _page(
    request: HttpRequest,
    detail: orders.OrderDetail,
    preview: orders.ChangePreview | None,
    error: AppError | None,
) -> HttpResponse:
    actor, order = actor_of(request), detail.order
    limits = {
        name: actor.limit(f"orders.{name}")
        for name in ("discount", "change_price")
        if actor.can(f"orders.{name}")
    }
    now = {each.row.id: _by_hand(each.row) for each in detail.rows}
    return page(
        request, "office/selling/order_price.html", order=order, rows=detail.rows, preview=None if error else preview,
        limits=limits, now=now, posted=request.POST, errors=getattr(error, "fields", {}), currency=order.currency,
        above=error if isinstance(error, approvals.NeedsApproval) else None,
        message=error.message if error else "", status=error.status if error else 200,
    )  # fmt: skip


def _by_hand(line: orders.Line | orders.SoldSet) -> str:
    """The percentage that stands on a line now."""
    steps = [pricing.Step.from_json(each) for each in line.explanation]
    return next(
        (typed.shown_percent(step.percent_bp) for step in steps if step.kind is pricing.StepKind.MANUAL), ""
    )


def _actions(request: HttpRequest, detail: orders.OrderDetail) -> list[ByHand]:
    """What was typed; a line nobody touched stays as it is."""
    form, posted, found = Fields(), request.POST, list[ByHand]()
    reason = form.line("reason", posted.get("reason", ""), most=200, required=True)
    for each in detail.rows:
        line = each.row
        percent, price = (
            posted.get(f"percent-{line.id}", "").strip(),
            posted.get(f"price-{line.id}", "").strip(),
        )
        if percent and price:
            form.refuse(f"percent-{line.id}", _("Give a percentage or a price, not both."))
        elif price:
            found.append(orders.SetPrice(line.id, typed.amount(form, request, f"price-{line.id}"), reason))
        elif percent != _by_hand(line):
            found.append(
                orders.SetDiscount(
                    line.id, typed.scaled(form, posted, f"percent-{line.id}", places=2), reason
                )
            )
    form.done()
    if not found:
        raise Invalid(fields={"actions": _("Nothing is changed yet.")})
    return found


def _at_lines(preview: orders.ChangePreview) -> dict[str, str]:
    """Problems at the fields of this form."""
    found = {}
    for name, said in preview.problems.items():
        parts = name.split(".")
        is_line = parts[0] == "lines" and len(parts) > 1 and parts[1].isdecimal()
        found[f"percent-{preview.lines[int(parts[1])].line_id}" if is_line else name] = said
    return found


def _ask(request: HttpRequest, order_id: UUID, actions: list[ByHand]) -> None:
    """Ask for the one line that is above the limit: a request is about one thing."""
    if len(actions) != 1:
        raise Invalid(fields={"actions": _("Ask for one line at a time.")})
    orders.ask_by_hand(actor_of(request), order_id, actions[0], reason=request.POST.get("reason", ""))
