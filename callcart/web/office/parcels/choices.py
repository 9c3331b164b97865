"""What somebody chose or ticked in a form of parcels: ids, or a word at the field."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from callcart.core.errors import Invalid
from callcart.core.ids import read_id


def chosen(request: HttpRequest, name: str) -> UUID:
    """The id that was chosen; Invalid where there is none."""
    return _read(name, request.POST.get(name, ""))


def ticked(request: HttpRequest, name: str = "dispatch") -> list[UUID]:
    """The ids that were ticked; Invalid where one is none."""
    return [_read(name, each) for each in request.POST.getlist(name)]


def _read(name: str, text: str) -> UUID:
    found = read_id(text)
    if found is None:
        raise Invalid(fields={name: _("Choose one of the values offered.")})
    return found
