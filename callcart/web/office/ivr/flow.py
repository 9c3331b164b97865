"""One call flow: blocks and arrows, the chosen block in a panel, every change kept at once in the draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.voice.speech.phrases import LANGUAGES
from callcart.core.errors import NotFound
from callcart.engage.ivr import public as ivr
from callcart.web.http import actor_of, attempt, go, is_htmx, page, requires, say
from callcart.web.jinja import url
from callcart.web.office.ivr.shown import NEW, work

SETTINGS = ("tries", "repeats", "least", "most", "digits", "what", "by", "on", "queue", "number", "survey")
SWITCHES = ("opening", "always")


@require_GET
@requires("ivr.view")
def flow(request: HttpRequest, flow_id: UUID) -> HttpResponse:
    """The draft for whoever may change it, else what callers hear; `version` shows another one."""
    return shown(request, flow_id, request.GET.get("block", ""))


@require_POST
@requires("ivr.edit")
def draft(request: HttpRequest, flow_id: UUID) -> HttpResponse:
    """Begin to change it."""
    ivr.open_draft(actor_of(request), flow_id)
    return go(
        request,
        url("office:flow", flow_id),
        toast=_("You change a draft now. Callers hear it once it is published."),
    )


@require_POST
@requires("ivr.edit")
def change(request: HttpRequest, flow_id: UUID, block_id: str) -> HttpResponse:
    """What a block says and how it is set."""
    posted = request.POST
    settings: dict[str, Any] = {name: posted[name] for name in SETTINGS if name in posted}
    settings |= {name: name in posted for name in SWITCHES if f"has-{name}" in posted}
    values: dict[str, Any] = {"settings": settings}
    if "title" in posted:
        values["title"] = posted["title"]
    if "key" in posted:
        texts = {language: posted.get(f"text_{language}", "") for language in LANGUAGES}
        values["words"] = {"key": posted["key"], "texts": texts}
    return _changed(
        request, flow_id, block_id,
        lambda: ivr.change_block(actor_of(request), flow_id, block_id, values, revision=revision_seen(request)),
    )  # fmt: skip


@require_POST
@requires("ivr.edit")
def arrow(request: HttpRequest, flow_id: UUID, block_id: str) -> HttpResponse:
    """Lead a way out somewhere, to a new block too. The field is named after the way."""
    actor, seen = actor_of(request), revision_seen(request)
    way = request.POST.get("way", "")
    target = request.POST.get(f"to-{way}", "") if way else ""
    chosen = block_id

    def lead() -> None:
        nonlocal chosen
        if target.startswith(NEW):
            _draft, chosen = ivr.add_block(
                actor, flow_id, target.removeprefix(NEW), revision=seen, after=block_id, way=way
            )
        else:
            ivr.connect(actor, flow_id, block_id, way, target, revision=seen)

    return _changed(request, flow_id, lambda: chosen, lead)


@require_POST
@requires("ivr.edit")
def add(request: HttpRequest, flow_id: UUID) -> HttpResponse:
    """A block that nothing leads to yet."""
    actor, seen, chosen = actor_of(request), revision_seen(request), ""

    def put() -> None:
        nonlocal chosen
        _draft, chosen = ivr.add_block(
            actor, flow_id, request.POST.get("kind", "").removeprefix(NEW), revision=seen
        )

    return _changed(request, flow_id, lambda: chosen, put)


@require_POST
@requires("ivr.edit")
def begin(request: HttpRequest, flow_id: UUID, block_id: str) -> HttpResponse:
    """Calls begin here."""
    actor, seen = actor_of(request), revision_seen(request)
    return _changed(
        request, flow_id, block_id, lambda: ivr.begin_with(actor, flow_id, block_id, revision=seen)
    )


@require_POST
@requires("ivr.edit")
def take_away(request: HttpRequest, flow_id: UUID, block_id: str) -> HttpResponse:
    """Without this block."""
    actor, seen = actor_of(request), revision_seen(request)
    return _changed(
        request, flow_id, "", lambda: ivr.remove_block(actor, flow_id, block_id, revision=seen),
        stays=block_id, toast=_("Block removed."),
    )  # fmt: skip


def revision_seen(request: HttpRequest) -> int:
    """The revision of the draft that was on the screen; 0, which none has, where it is not said."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def shown(
    request: HttpRequest, flow_id: UUID, block_id: str, *, errors: dict[str, str] | None = None, message: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The page, or for htmx its work space."""
    actor = actor_of(request)
    view = ivr.flow_view(actor, flow_id)
    number = request.GET.get("version", "")
    version = view.draft or view.published
    if number.isascii() and number.isdecimal() and len(number) < 8:
        version = ivr.version_of(actor, flow_id, int(number))
    if version is None:
        raise NotFound
    editable = version.state == ivr.VersionState.DRAFT and actor.can("ivr.edit")
    values = work(request, actor, version, block_id, editable=editable, errors=errors, message=message)
    base = f"{url('office:flow', flow_id)}?" + (f"version={version.number}&" if number else "")
    changes = (
        ivr.differences(ivr.graph_in(view.published), values["graph"]) if view.published and editable else []
    )
    return page(
        request, "office/ivr/flow.html", block="work" if is_htmx(request) else "", view=view, flow=view.flow, changes=changes, base=base,
        typed=request.POST if errors else {},
        status=status, **values,
    )  # fmt: skip


def _changed(
    request: HttpRequest, flow_id: UUID, block_id: str | Callable[[], str], verb: Callable[[], Any], *,
    stays: str = "", toast: str = "",
) -> HttpResponse:  # fmt: skip
    """Do it, then the work space as it is now. Who was too late sees what the other one did."""
    with attempt() as tried:
        verb()
    chosen = block_id() if callable(block_id) else block_id
    if not tried:
        return shown(
            request, flow_id, chosen or stays, errors=tried.fields, message=tried.message if not tried.fields else "",
            status=tried.status,
        )  # fmt: skip
    if not is_htmx(request):
        return go(request, f"{url('office:flow', flow_id)}?block={chosen}", toast=toast)
    answer = shown(request, flow_id, chosen)
    if toast:
        say(answer, toast)
    return answer
