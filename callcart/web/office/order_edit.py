"""Changing an order before it is confirmed: previewed on a copy with the money it moves, then made on that very version.

The form carries what it showed. Where somebody changed the order meanwhile, only what this reader typed is kept; the
rest is the order as it is now, and the preview comes again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.catalog import public as catalog
from callcart.commerce.orders import public as orders
from callcart.commerce.shipping import public as shipping
from callcart.core.errors import AppError, Invalid
from callcart.people.customers import public as people
from callcart.web.http import actor_of, attempt, go, page, reading_here, requires
from callcart.web.jinja import url
from callcart.web.office.order import whole
from callcart.web.reader import reader

ADDRESS = tuple(each.name for each in fields(orders.DraftAddress))
_LINE = re.compile(r"lines\.(\d+)\.quantity")


@dataclass(frozen=True, slots=True)
class Row:
    """A line or a set on the form: what the order holds now, and what stands in the field."""

    line: orders.Line | orders.SoldSet
    typed: str


class Form:
    """What the page shows and what was typed into it. A field nobody touched follows the order."""

    def __init__(self, request: HttpRequest, detail: orders.OrderDetail) -> None:
        self.posted, self.detail = request.POST, detail
        order, self.kept = detail.order, orders.address_of(detail.order)
        # Who may not see the number changes it by typing a new one; the page never holds the old.
        self.hides_phone = not actor_of(request).can("customers.see_phone")
        self.now = {
            **{name: str(getattr(self.kept, name)) for name in ADDRESS},
            **({"phone": ""} if self.hides_phone else {}),
            **{f"quantity-{each.row.id}": str(each.row.quantity) for each in detail.rows},
            "delivery": order.delivery_method,
            "note": order.note,
        }

    def value(self, name: str) -> str:
        """What stands in a field: what was typed, where it differs from what the form had shown."""
        now = self.now.get(name, "")
        typed = self.posted.get(name)
        return now if typed is None or typed == self.posted.get(f"was-{name}", now) else typed

    def changed(self, *names: str) -> bool:
        return any(self.value(name).strip() != self.now[name].strip() for name in names)

    def rows(self) -> list[Row]:
        return [Row(each.row, self.value(f"quantity-{each.row.id}")) for each in self.detail.rows]

    def actions(self) -> list[orders.Action]:
        """What was asked for. Raises Invalid naming the field that cannot be read."""
        asked: list[orders.Action] = [
            action for row in self.rows() if (action := _of_line(row.line, row.typed)) is not None
        ]
        asked += self._added()
        if self.changed(*ADDRESS):
            asked.append(orders.SetAddress(self._address()))
        if self.changed("delivery"):
            asked.append(orders.SetDelivery(self.value("delivery")))
        if self.changed("note"):
            asked.append(orders.SetNote(self.value("note")))
        if not asked:
            raise Invalid(fields={"actions": _("Nothing is changed yet.")})
        return asked

    def _address(self) -> orders.DraftAddress:
        typed = {name: self.value(name) for name in ADDRESS}
        return orders.DraftAddress(**{**typed, "phone": typed["phone"].strip() or self.kept.phone})

    def _added(self) -> list[orders.Action]:
        code = self.posted.get("add_sku", "").strip()[:100]
        if not code:
            return []
        hits = catalog.search_variants(code, limit=3)
        exact = [hit for hit in hits if code.casefold() in (hit.sku.casefold(), hit.barcode.casefold())]
        if not hits:
            raise Invalid(fields={"add_sku": _("No product has this code.")})
        if len(hits) > 1 and not exact:
            names = ", ".join(hit.sku for hit in hits)
            raise Invalid(fields={"add_sku": _("Several products fit: %(codes)s.") % {"codes": names}})
        quantity = whole(self.posted.get("add_quantity", "").strip() or "1")
        if not quantity:
            raise Invalid(fields={"add_quantity": _("A whole number above zero.")})
        return [orders.AddLine((exact or hits)[0].id, quantity)]


def _of_line(line: orders.Line | orders.SoldSet, text: str) -> orders.Action | None:
    if not text.strip().isdecimal() or len(text) > 6:
        raise Invalid(fields={f"quantity-{line.id}": _("A whole number, 0 or more.")})
    quantity = int(text)
    if quantity == line.quantity:
        return None
    return orders.SetQuantity(line.id, quantity) if quantity else orders.RemoveLine(line.id)


@requires("orders.edit")
def edit(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Quantities, lines, address, delivery and note of an order that is not confirmed yet."""
    actor = reading_here(actor_of(request))
    detail = orders.order_detail(actor, order_id)
    form, preview, error = Form(request, detail), None, None
    confirmed = request.POST.get("act") == "confirm"
    if request.method == "POST":
        with attempt() as tried:
            actions = form.actions()
            preview = orders.preview_change(actor, order_id, actions)
            if confirmed:
                version = whole(request.POST.get("version", ""))
                reason = request.POST.get("reason", "")
                orders.confirm_change(actor, order_id, actions, version=version, reason=reason)
            elif preview.problems:
                raise Invalid(fields=dict(preview.problems))
        if tried and confirmed:
            return go(request, url("office:order", order_id), toast=_("Order changed."))
        error = tried.error
    return _edit_page(request, form, preview, error)


def _edit_page(
    request: HttpRequest, form: Form, preview: orders.ChangePreview | None, error: AppError | None
) -> HttpResponse:
    order = form.detail.order
    people.record_number_seen(actor_of(request), ("order", order.id), customer_id=order.customer_id)
    found: Mapping[str, str] = getattr(error, "fields", {})  # a shortage names its lines too
    errors, others = _at_fields(found, form, preview)
    methods = [
        (each.code, each.name_in(reader().language)) for each in shipping.list_methods() if each.is_active
    ]
    return page(
        request, "office/order_edit.html", order=order, form=form, rows=form.rows(), errors=errors,
        preview=None if error else preview, message=error.message if error else "", others=others, methods=methods,
        stale=isinstance(error, orders.StaleOrder), status=error.status if error else 200,
    )  # fmt: skip


def _at_fields(
    found: Mapping[str, str], form: Form, preview: orders.ChangePreview | None
) -> tuple[dict[str, str], list[str]]:
    """Problems by the field of the form they belong to, and those that belong to none."""
    names = {*form.now, "add_sku", "add_quantity", "reason"}
    errors, others = dict[str, str](), list[str]()
    for key, said in found.items():
        line = _LINE.fullmatch(key)
        if line is not None and preview is not None:
            lines = preview.lines
            its = lines[int(line[1])].line_id if int(line[1]) < len(lines) else None
            errors[f"quantity-{its}" if its else "add_sku"] = said
        else:
            name = key.removeprefix("address.").replace("delivery_method", "delivery")
            if name in names:
                errors[name] = said
            else:
                others.append(said)
    return errors, others
