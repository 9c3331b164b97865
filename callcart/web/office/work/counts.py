"""The numbers beside the menu's entries, fetched anew when the feed says that work came or went."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from callcart.web.http import actor_of, page, requires
from callcart.web.menu import menu_for


@requires()
@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """Each number under the id its place in the menu has."""
    sections = menu_for(actor_of(request), "")
    found = [(item.key, item.count()) for section in sections for item in section.items if item.count]
    found += [(section.key, section.count()) for section in sections if section.folds and section.key]
    return page(request, "office/work/_counts.html", counts=found)
