"""Changing a flow: flows, and the draft of each. Nothing here is heard by a caller before it is published.

Every change names the revision it was made on: of two editors at once the second is told and nothing of the first's is
lost. A draft may be incomplete; what it says about that is `check`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.core import audit, ids
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.engage.ivr import blocks
from callcart.engage.ivr.blocks import IS, SETTINGS, Block, Graph, Kind, ways
from callcart.engage.ivr.graphs import MOST_BLOCKS, plain, plain_block, read, read_block
from callcart.engage.ivr.models import Flow, FlowVersion, VersionState
from callcart.engage.ivr.shipped import MAIN, MAIN_NAME, MAIN_NAME_ZH, shipped_values

MOST_FLOWS = 50
_CODE = re.compile(r"[a-z][a-z0-9-]{1,30}")

Change = Callable[[Graph], Graph]


class CodeTaken(Conflict):
    """Another flow has this short name already."""

    code = "ivr.code_taken"


class StaleDraft(Conflict):
    """Somebody else changed this draft in the meantime. Their change is shown now; make yours again if it is still wanted."""

    code = "ivr.stale_draft"


def ensure_main(actor: Actor) -> Flow:
    """The shop's main flow; made with the menu that ships, published, where there is none yet."""
    names = {"name": MAIN_NAME, "name_zh": MAIN_NAME_ZH}
    flow, fresh = Flow.objects.get_or_create(code=MAIN, defaults=names)
    if not fresh:
        return flow
    FlowVersion.objects.create(
        flow=flow, number=1, state=VersionState.PUBLISHED, graph=plain(read(shipped_values())), changed_at=now(),
        changed_by=actor.name, published_at=now(), published_by=actor.name,
    )  # fmt: skip
    audit.record(actor, "ivr.publish", subject=("flow", flow.id), after={"code": MAIN, "number": 1})
    return flow


def add_flow(actor: Actor, *, code: str, name: str, name_zh: str = "", like: UUID | None = None) -> Flow:
    """A flow with a draft: a copy of another one as callers hear it, else of the menu that ships. Raises Invalid, CodeTaken,
    NotFound."""
    actor.require("ivr.edit")
    form = Fields()
    values = _names(form, name, name_zh)
    if not _CODE.fullmatch(code.strip()):
        form.refuse("code", _("2 to 31 small letters, digits and hyphens, a letter first."))
    if Flow.objects.count() >= MOST_FLOWS:
        form.refuse("code", _("No more than %(most)s are possible.") % {"most": MOST_FLOWS})
    form.done()
    graph = _graph_like(like) if like else plain(read(shipped_values()))
    flow = Flow(code=code.strip(), **values)
    try:
        with transaction.atomic():
            flow.save(force_insert=True)
    except IntegrityError:
        raise CodeTaken from None
    FlowVersion.objects.create(flow=flow, number=1, graph=graph, changed_at=now(), changed_by=actor.name)
    audit.record(actor, "ivr.add", subject=("flow", flow.id), after={"code": flow.code, **values})
    return flow


def rename_flow(actor: Actor, flow_id: UUID, *, name: str, name_zh: str = "") -> Flow:
    """Raises NotFound, Invalid."""
    actor.require("ivr.edit")
    flow, form = locked_flow(flow_id), Fields()
    before = {"name": flow.name, "name_zh": flow.name_zh}
    values = _names(form, name, name_zh)
    form.done()
    flow.name, flow.name_zh = values["name"], values["name_zh"]
    flow.save(update_fields=["name", "name_zh"])
    audit.record(actor, "ivr.rename", subject=("flow", flow.id), before=before, after=values)
    return flow


def open_draft(actor: Actor, flow_id: UUID) -> FlowVersion:
    """The draft; where there is none, one like what callers hear now. Raises NotFound."""
    actor.require("ivr.edit")
    flow = locked_flow(flow_id)
    found = flow.versions.filter(state=VersionState.DRAFT).first()
    return found or new_draft(actor, flow, flow.versions.get(state=VersionState.PUBLISHED))


def new_draft(actor: Actor, flow: Flow, like: FlowVersion) -> FlowVersion:
    """A draft with the blocks of another version; the flow is locked, and has none."""
    newest = flow.versions.order_by("-number").values_list("number", flat=True).first() or 0
    return FlowVersion.objects.create(
        flow=flow, number=newest + 1, graph=like.graph, based_on=like.number, changed_at=now(), changed_by=actor.name
    )  # fmt: skip


def discard_draft(actor: Actor, flow_id: UUID, *, revision: int) -> None:
    """Throw the draft away. A flow that was never published goes with it. Raises NotFound, StaleDraft."""
    actor.require("ivr.edit")
    flow, draft = _locked_draft(flow_id, revision)
    audit.record(
        actor, "ivr.discard", subject=("flow", flow.id), before={"number": draft.number, "graph": draft.graph}
    )
    draft.delete()
    if not flow.versions.exists():
        flow.delete()


def change_block(
    actor: Actor, flow_id: UUID, block_id: str, values: Mapping[str, Any], *, revision: int
) -> FlowVersion:
    """Set what a block says, its settings, its name; arrows by ways it no longer has go. Raises NotFound, StaleDraft, Invalid
    with the fields as the block has them."""

    def change(graph: Graph) -> Graph:
        before = _block(graph, block_id)
        given = plain_block(before) | {
            key: values[key] for key in ("title", "words", "settings") if key in values
        }
        given["settings"] = plain_block(before)["settings"] | dict(given["settings"])
        form = Fields()
        made = read_block(block_id, {**given, "arrows": {}}, form)
        if form.wrong:
            raise Invalid(fields={key.removeprefix(f"{block_id}."): text for key, text in form.wrong.items()})
        return _with(graph, _fitted(replace(made, arrows=before.arrows), before))

    return _change(actor, flow_id, revision, f"change {block_id}", change)


def connect(
    actor: Actor, flow_id: UUID, block_id: str, way: str, target: str, *, revision: int
) -> FlowVersion:
    """Lead a way out of a block to another block, or with an empty target nowhere. Raises NotFound, StaleDraft, Invalid."""

    def change(graph: Graph) -> Graph:
        block = _block(graph, block_id)
        if target and target not in graph.blocks:
            raise Invalid(fields={"target": _("This block is not there any more.")})
        arrows = {name: to for name, to in block.arrows.items() if name != way}
        if target:
            arrows[way] = target
        given = plain_block(block) | {"arrows": arrows}
        form = Fields()
        made = read_block(block_id, given, form)
        if form.wrong:
            raise Invalid(fields={"way": next(iter(form.wrong.values()))})
        return _with(graph, made)

    return _change(actor, flow_id, revision, f"connect {block_id} {way}", change)


def add_block(
    actor: Actor, flow_id: UUID, kind: str, *, revision: int, after: str = "", way: str = ""
) -> tuple[FlowVersion, str]:
    """A block of a kind, and its id. `after` and `way`: it is put there, and what came next comes after it, where it has one
    way on. Raises NotFound, StaleDraft, Invalid."""
    if kind not in set(Kind):
        raise Invalid(fields={"kind": _("Choose one of the values offered.")})
    made = f"b{ids.new_id().hex[-12:]}"

    def change(graph: Graph) -> Graph:
        if len(graph.blocks) >= MOST_BLOCKS:
            raise Invalid(fields={"kind": _("A flow has at most %(most)s blocks.") % {"most": MOST_BLOCKS}})
        block = Block(made, Kind(kind), settings=SETTINGS[Kind(kind)]())
        if not after:
            return _with(graph, block)
        before = _block(graph, after)
        follows = before.arrows.get(way, "")
        only = [each.name for each in ways(block) if each.needed]
        if follows and len(only) == 1:
            block = replace(block, arrows={only[0]: follows})
        return _with(_with(graph, block), replace(before, arrows={**before.arrows, way: made}))

    return _change(actor, flow_id, revision, f"add {kind}", change), made


def remove_block(actor: Actor, flow_id: UUID, block_id: str, *, revision: int) -> FlowVersion:
    """Take a block away. Arrows that led to it lead on to what came next where it had one way on, else nowhere. Raises
    NotFound, StaleDraft, Invalid."""

    def change(graph: Graph) -> Graph:
        gone = _block(graph, block_id)
        only = [way.name for way in ways(gone) if way.needed]
        follows = gone.arrows.get(only[0], "") if len(only) == 1 else ""
        follows = "" if follows == block_id else follows
        if graph.start == block_id and not follows:
            raise Invalid(fields={"block": _("The call begins here. Choose another beginning first.")})
        kept = {key: _led(block, block_id, follows) for key, block in graph.blocks.items() if key != block_id}
        return Graph(follows if graph.start == block_id else graph.start, kept)

    return _change(actor, flow_id, revision, f"remove {block_id}", change)


def begin_with(actor: Actor, flow_id: UUID, block_id: str, *, revision: int) -> FlowVersion:
    """The block that a call begins with. Raises NotFound, StaleDraft."""

    def change(graph: Graph) -> Graph:
        return replace(graph, start=_block(graph, block_id).id)

    return _change(actor, flow_id, revision, f"begin {block_id}", change)


def locked_flow(flow_id: UUID) -> Flow:
    """The flow, locked: whoever changes one of its versions holds it. Raises NotFound."""
    found = Flow.objects.select_for_update(no_key=True).filter(id=flow_id).first()
    if found is None:
        raise NotFound
    return found


def _locked_draft(flow_id: UUID, revision: int) -> tuple[Flow, FlowVersion]:
    flow = locked_flow(flow_id)
    draft = flow.versions.filter(state=VersionState.DRAFT).first()
    if draft is None or draft.revision != revision:
        raise StaleDraft
    return flow, draft


def _change(actor: Actor, flow_id: UUID, revision: int, what: str, change: Change) -> FlowVersion:
    actor.require("ivr.edit")
    flow, draft = _locked_draft(flow_id, revision)
    before = draft.graph
    draft.graph = plain(read(plain(change(read(before)))))
    if draft.graph == before:
        return draft
    draft.revision += 1
    draft.changed_at, draft.changed_by = now(), actor.name
    draft.save(update_fields=["graph", "revision", "changed_at", "changed_by"])
    touched = [key for key in {**before["blocks"], **draft.graph["blocks"]}
               if before["blocks"].get(key) != draft.graph["blocks"].get(key)]  # fmt: skip
    audit.record(
        actor, "ivr.edit", subject=("flow", flow.id), reason=what,
        before={key: before["blocks"].get(key) for key in touched} | {"start": before["start"]},
        after={key: draft.graph["blocks"].get(key) for key in touched} | {"start": draft.graph["start"]},
    )  # fmt: skip
    return draft


def _block(graph: Graph, block_id: str) -> Block:
    found = graph.blocks.get(block_id)
    if found is None:
        raise NotFound
    return found


def _with(graph: Graph, block: Block) -> Graph:
    return replace(graph, blocks={**graph.blocks, block.id: block})


def _fitted(block: Block, before: Block) -> Block:
    """Without arrows that cannot leave any more: a branch that tells other things apart keeps only the one for the rest."""
    arrows = block.arrows
    if isinstance(block.settings, blocks.Branch) and block.settings != before.settings:
        arrows = {name: to for name, to in arrows.items() if not name.startswith(IS)}
    known = {way.name for way in ways(replace(block, arrows=arrows))}
    return replace(block, arrows={name: to for name, to in arrows.items() if name in known})


def _led(block: Block, gone: str, follows: str) -> Block:
    led = {name: follows if target == gone else target for name, target in block.arrows.items()}
    return replace(block, arrows={name: target for name, target in led.items() if target})


def _names(form: Fields, name: str, name_zh: str) -> dict[str, str]:
    return {
        "name": form.line("name", name, most=60, required=True),
        "name_zh": form.line("name_zh", name_zh, most=60),
    }


def _graph_like(flow_id: UUID) -> Any:
    versions = FlowVersion.objects.filter(flow_id=flow_id).order_by("-number")
    found = versions.filter(state=VersionState.PUBLISHED).first() or versions.first()
    if found is None:
        raise NotFound
    return found.graph
