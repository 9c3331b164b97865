"""Views of the order list that a staff member keeps: filters and columns under a name. Only their owner sees them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.orders.models import SavedView
from callcart.commerce.orders.queries import OrderFilters
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.text import clean, problem

MOST_VIEWS = 50


def list_views(actor: Actor) -> list[SavedView]:
    """The actor's views in their order."""
    return list(SavedView.objects.filter(staff_id=_owner(actor)))


def save_view(actor: Actor, *, name: str, filters: OrderFilters, columns: Sequence[str] = ()) -> SavedView:
    """Keep a view; one of the same name is replaced. Raises Invalid."""
    owner = _owner(actor)
    name = clean(name)
    if said := problem(name, longest=60, required=True):
        raise Invalid(fields={"name": said})
    mine = SavedView.objects.filter(staff_id=owner)
    if mine.count() >= MOST_VIEWS and not mine.filter(name=name).exists():
        raise Invalid(fields={"name": gettext("You have too many views; delete one first.")})
    view, _ = SavedView.objects.update_or_create(
        tenant_id=actor.tenant_id,
        staff_id=owner,
        name=name,
        defaults={"filters": filters.to_dict(), "columns": [clean(each)[:40] for each in columns][:40]},
    )
    return view


def delete_view(actor: Actor, view_id: UUID) -> None:
    """Raises NotFound for another's."""
    deleted, _ = SavedView.objects.filter(staff_id=_owner(actor), id=view_id).delete()
    if not deleted:
        raise NotFound


def view_filters(view: SavedView) -> OrderFilters:
    """The filters a view holds."""
    return OrderFilters.from_dict(view.filters)


def _owner(actor: Actor) -> UUID:
    actor.require("orders.view")
    if actor.id is None:
        raise PermissionDenied(permission="orders.view")
    return actor.id
