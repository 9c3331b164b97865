"""Dispositions in the office: what agents choose from when a conversation is over, by two digits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Disposition
from callcart.contact.conversations.public import KEYS, DispositionDraft, DispositionNode
from callcart.core.ids import read_id
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@requires("conversations.dispositions")
def dispositions(request: HttpRequest) -> HttpResponse:
    return _list_page(request)


def _list_page(request: HttpRequest, tried: Attempt | None = None) -> HttpResponse:
    said = refusal(tried)
    message = next(iter(said.fields.values()), said.message)
    tree = conversations.all_dispositions(reader().language)
    return page(request, "office/dispositions.html", status=said.status, message=message, tree=tree)


@require_POST
@requires("conversations.dispositions")
def switch(request: HttpRequest, disposition_id: UUID) -> HttpResponse:
    """Off its key, or back on it."""
    actor, on = actor_of(request), request.POST.get("on") == "1"
    with attempt() as tried:
        if on:
            conversations.restore_disposition(actor, disposition_id, version=version_seen(request))
        else:
            conversations.retire_disposition(actor, disposition_id, version=version_seen(request))
    if not tried:
        return _list_page(request, tried)
    said = _("Agents can choose it again.") if on else _("Agents cannot choose it any more.")
    return go(request, url("office:dispositions"), toast=said)


@requires("conversations.dispositions")
def disposition(request: HttpRequest, disposition_id: UUID | None = None) -> HttpResponse:
    """One choice, or a new one (`under`: of which)."""
    actor, tried = actor_of(request), None
    found = Disposition() if disposition_id is None else conversations.get_disposition(disposition_id)
    if request.method == "POST":
        with attempt() as tried:
            draft = _draft(request, found)
            if disposition_id is None:
                conversations.add_disposition(actor, draft)
            else:
                version = version_seen(request)
                conversations.change_disposition(actor, disposition_id, draft, version=version)
        if tried:
            return go(request, url("office:dispositions"), toast=_("Saved."))
    said = refusal(tried)
    tree = conversations.dispositions(reader().language)
    return page(
        request, "office/disposition.html", status=said.status, said=said, disposition=found,
        new=disposition_id is None, shown=_shown(request, found, tree), tops=_tops(tree, found),
        keys=[(str(key), str(key)) for key in KEYS],
    )  # fmt: skip


def _draft(request: HttpRequest, found: Disposition) -> DispositionDraft:
    posted = request.POST
    return DispositionDraft(
        code=found.code or posted.get("code", ""),
        name=posted.get("name", ""),
        key=_key(request.POST.get("key", "")),
        name_zh=posted.get("name_zh", ""),
        parent_id=read_id(posted.get("parent", "")),
    )


def _tops(tree: list[DispositionNode], found: Disposition) -> list[tuple[str, str]]:
    """What it may stand under; none where it has choices under it itself."""
    if not found._state.adding and found.children.exists():
        return []
    known = [(str(each.id), f"{each.key} {each.name}") for each in tree if each.id != found.id]
    above = found.parent
    if above is not None and not above.is_active:  # else saving would move it without a word
        known.append((str(above.id), above.name_in(reader().language)))
    return known


def _shown(request: HttpRequest, found: Disposition, tree: list[DispositionNode]) -> dict[str, Any]:
    """What the form shows: what was typed, else what is stored; for a new one the first free digit of its level."""
    if request.POST:
        return request.POST.dict()
    if not found._state.adding:
        stored = {name: getattr(found, name) for name in ("code", "name", "name_zh", "key")}
        return stored | {"parent": str(found.parent_id or "")}
    under = read_id(request.GET.get("under", ""))
    above = next((each for each in tree if each.id == under), None)
    taken = {each.key for each in (above.children if above else tree)}
    free = next((key for key in KEYS if key not in taken), "")
    return {"key": free, "parent": str(above.id) if above else "", "code": f"{above.code}." if above else ""}


def _key(text: str) -> int:
    """The digit chosen; 0, which is none, for anything else."""
    return int(text) if text in map(str, KEYS) else 0
