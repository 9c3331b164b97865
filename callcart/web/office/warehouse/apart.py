"""What lies apart: damaged units and those with quality control, and what is to become of them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.models import Stock
from callcart.core.errors import Invalid, NotFound
from callcart.core.money import Money
from callcart.people.approvals import public as approvals
from callcart.people.tenants.public import get_tenant
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, cursor_of
from callcart.web.office.refusal import refusal
from callcart.web.office.warehouse import labels
from callcart.web.reader import reader


@requires("inventory.view")
def apart(request: HttpRequest) -> HttpResponse:
    """All damaged units and those to be looked at, by condition, warehouse and text."""
    language, query = reader().language, request.GET.get("q", "")[:200]
    places = {str(each.id): each.name_in(language) for each in inventory.list_warehouses()}
    known = {key: text for key, text in labels.conditions().items() if key != "sellable"}
    condition, place = choice(request, "condition", known), choice(request, "place", places)
    chips = list[Chip]()
    if place:
        chips.append(Chip("place", _("Warehouse"), places[place]))
    if query:
        chips.append(Chip("q", _("Search"), query))
    after = cursor_of(request)
    rows, following = documents.list_apart(
        condition=condition, warehouse_id=UUID(place) if place else None, text=query,
        after=UUID(after.id) if after else None, limit=PAGE,
    )  # fmt: skip
    return page(
        request, "office/warehouse/apart.html", rows=rows, chips=chips, places=places, conditions=known, condition=condition,
        may_act=actor_of(request).can("inventory.adjust") or actor_of(request).can("inventory.write_off"),
        next=Cursor("", str(following)).text() if following else "",
    )  # fmt: skip


@requires("inventory.view")
def decide(request: HttpRequest, stock_id: UUID, condition: str) -> HttpResponse:
    """What is to become of units in a condition: back to the shelf, damaged, written off."""
    row = Stock.objects.select_related("variant", "warehouse").filter(id=stock_id).first()
    if row is None or condition not in labels.conditions():
        raise NotFound
    actor = actor_of(request)
    if not actor.can("inventory.adjust"):
        actor.require("inventory.write_off")
    tried = None
    if request.method == "POST":
        with attempt() as tried:
            if "ask" in request.POST:
                _ask(request, row, condition)
            else:
                _act(request, row, condition)
        if tried:
            said = _("Asked for approval.") if "ask" in request.POST else _("Saved.")
            return go(request, url("office:stock_apart"), toast=said)
    return _page(request, row, condition, tried)


def _page(request: HttpRequest, row: Stock, condition: str, tried: Attempt | None) -> HttpResponse:
    said, actor, known = refusal(tried), actor_of(request), labels.conditions()
    acts = {
        "sellable": (_("Put on the shelf"), _("It is as good as new and can be sold.")),
        "inspecting": (_("Give to quality control"), _("Somebody has to look at it first.")),
        "damaged": (_("Mark as damaged"), _("It cannot be sold; decide later what becomes of it.")),
        "write_off": (_("Write off"), _("It leaves the books for good.")),
    }
    may = {"write_off": actor.can("inventory.write_off")}
    options = [
        (key, *texts)
        for key, texts in acts.items()
        if key != condition and may.get(key, actor.can("inventory.adjust"))
    ]
    return page(
        request, "office/warehouse/decide.html", row=row, condition=condition, name=known[condition], options=options,
        units=row.units(inventory.Condition(condition)), posted=request.POST, errors=said.fields, message=said.message,
        needs_approval=isinstance(said.error, approvals.NeedsApproval), status=said.status,
    )  # fmt: skip


def _units(request: HttpRequest) -> int:
    text = request.POST.get("quantity", "").strip()
    if not (text.isdecimal() and text.isascii() and len(text) < 9):
        raise Invalid(fields={"quantity": _("Give a whole number above zero.")})
    return int(text)


def _act(request: HttpRequest, row: Stock, condition: str) -> None:
    posted, act = request.POST, request.POST.get("act", "")
    place, variant = row.warehouse_id, row.variant_id
    before, units, reason = inventory.Condition(condition), _units(request), posted.get("reason", "")
    if act == "write_off":
        inventory.write_off(
            actor_of(request), warehouse_id=place, variant_id=variant, quantity=units, condition=before, reason=reason
        )  # fmt: skip
    elif act in labels.conditions():
        inventory.change_condition(
            actor_of(request), warehouse_id=place, variant_id=variant, quantity=units, before=before,
            after=inventory.Condition(act), reason=reason,
        )  # fmt: skip
    else:
        raise Invalid(fields={"act": _("Choose one of the values offered.")})


def _ask(request: HttpRequest, row: Stock, condition: str) -> None:
    posted, units = request.POST, _units(request)
    worth = inventory.unit_costs([row])[row.id] * units
    payload = {
        "warehouse_id": str(row.warehouse_id), "variant_id": str(row.variant_id), "quantity": units, "condition": condition,
        "reason": posted.get("reason", ""),
    }  # fmt: skip
    approvals.ask(
        actor_of(request), action="inventory.write_off", permission="inventory.write_off", subject=("stock", row.id),
        label=f"{row.variant.sku} × {units}", amount=Money(worth, get_tenant().currency), payload=payload,
        reason=posted.get("reason", ""),
    )  # fmt: skip
