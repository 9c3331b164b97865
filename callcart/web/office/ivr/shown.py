"""What the page of a flow shows: the drawing, what is wrong, and the panel of the block that is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from callcart.contact.routing import public as routing
from callcart.contact.voice.speech.phrases import known_phrases
from callcart.core.actor import Actor
from callcart.engage.ivr import labels
from callcart.engage.ivr.blocks import (
    IS,
    KEYS,
    SPEAKS,
    Block,
    Branch,
    Digits,
    Graph,
    Kind,
    Menu,
    On,
    Way,
    ways,
)
from callcart.engage.ivr.check import Finding
from callcart.engage.ivr.layout import draw
from callcart.engage.ivr.public import FlowVersion, findings_of, graph_in
from callcart.engage.ivr.spoken import spoken_by
from callcart.engage.ivr.world import own_prompts
from callcart.engage.survey.public import surveys
from callcart.people.tenants.public import get_tenant, list_service_numbers
from callcart.web.reader import reader

NEW = "new:"  # before the kind of a block that an arrow is to lead to

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ShownWay:
    """A way out in the panel. `problem`: what is wrong with it."""

    name: str
    label: str
    target: str
    needed: bool
    problem: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The chosen block. `more`: ways out that could be added."""

    block: Block
    kind: str
    about: str
    settings: Mapping[str, Any]
    ways: tuple[ShownWay, ...]
    more: Choices
    speaks: bool
    problems: Mapping[str, str]
    heard: Mapping[str, tuple[str, str]]


def work(
    request: HttpRequest, actor: Actor, version: FlowVersion, block_id: str, *, editable: bool,
    errors: Mapping[str, str] | None = None, message: str = "",
) -> dict[str, Any]:  # fmt: skip
    """The values of the templates."""
    graph = graph_in(version)
    findings = findings_of(actor, version)
    titles = labels.titles_of(graph)
    chosen = graph.blocks.get(block_id)
    wrong = {finding.block for finding in findings if finding.is_error}
    return {
        "version": version,
        "graph": graph,
        "drawing": draw(graph),
        "findings": findings,
        "wrong": wrong,
        "titles": titles,
        "kinds": {str(kind): labels.kind_label(kind) for kind in Kind},
        "kind_icons": {str(kind): icon for kind, icon in labels.ICONS.items()},
        "summaries": {key: summary(block) for key, block in graph.blocks.items()},
        "ways_of": {key: _drawn_ways(block) for key, block in graph.blocks.items()},
        "panel": panel(chosen, findings) if chosen is not None else None,
        "editable": editable,
        "errors": errors or {},
        "message": message,
        "labels": {name: str(label) for name, label in labels.SETTINGS.items()},
        "targets": list(titles.items()),
        "new_kinds": [
            (NEW + str(kind), labels.kind_label(kind)) for kind in Kind if kind is not Kind.TRANSFER
        ],
        **_choices(graph, titles),
    }


def panel(block: Block, findings: Sequence[Finding]) -> Panel:
    """The panel of one block."""
    own = [finding for finding in findings if finding.block == block.id]
    problems = {finding.name: finding.text for finding in own}
    shown, more = _ways(block)
    return Panel(
        block=block,
        kind=labels.kind_label(block.kind),
        about=str(labels.ABOUT[block.kind]),
        settings=asdict(block.settings),
        ways=tuple(
            ShownWay(way.name, labels.way_label(block, way.name), block.arrows.get(way.name, ""), way.needed,
                     problems.get(way.name, ""))
            for way in shown
        ),
        more=more,
        speaks=block.kind in SPEAKS,
        problems=problems,
        heard=_heard(block),
    )  # fmt: skip


def summary(block: Block) -> str:
    """The second line of a block in the drawing: what it says or does, shortly."""
    settings = asdict(block.settings)
    if block.kind in SPEAKS and (words := _heard(block)):
        return words[reader().language if reader().language in words else next(iter(words))][0]
    if isinstance(block.settings, Branch):
        return str(labels.ON[block.settings.on])
    if "what" in settings:
        return str(labels.READINGS[settings["what"]])
    return ""


def _heard(block: Block) -> dict[str, tuple[str, str]]:
    """By language, the words and the prompt's key; empty where nothing is said."""
    if block.kind not in SPEAKS:
        return {}
    shop = get_tenant()
    names = {language: shop.name_in(language) for language in ("en", "zh-hans")}
    said = {language: spoken_by(block.words, language, {"names": names}) for language in names}
    return {language: (found[0].text, found[0].key) for language, found in said.items() if found}


def _ways(block: Block) -> tuple[list[Way], Choices]:
    """Those shown, and those that could be added: a menu has twelve keys, of which few are used."""
    every = ways(block)
    if isinstance(block.settings, Menu):
        shown = [way for way in every if way.needed or way.name in block.arrows]
        free = [key for key in KEYS if key not in block.arrows]
        return shown, [(key, labels.way_label(block, key)) for key in free]
    if isinstance(block.settings, Branch) and block.settings.on is On.NUMBER:
        numbers = [each.number for each in list_service_numbers(get_tenant().id)]
        return list(every), [(IS + each, each) for each in numbers if IS + each not in block.arrows]
    return list(every), []


def _drawn_ways(block: Block) -> list[tuple[str, str]]:
    """For the list on a small screen: what leads where."""
    return [(labels.way_label(block, name), target) for name, target in block.arrows.items()]


def _choices(graph: Graph, titles: Mapping[str, str]) -> dict[str, Any]:
    language = reader().language
    prompts = [(phrase.key, str(phrase.label)) for phrase in known_phrases().values()]
    digits = [block for block in graph.blocks.values() if isinstance(block.settings, Digits)]
    return {
        "prompt_choices": [*prompts, *own_prompts().items()],
        "queue_choices": [(str(queue.id), queue.name_in(language)) for queue in routing.queues()],
        "survey_choices": [(str(each.id), each.name_in(language)) for each in surveys(active=True)],
        "on_choices": [(str(on), str(label)) for on, label in labels.ON.items()],
        "what_choices": [(str(what), str(label)) for what, label in labels.READINGS.items()],
        "by_choices": [(str(by), str(label)) for by, label in labels.BYS.items()],
        "digits_choices": [(block.id, titles[block.id]) for block in digits],
        "nowhere": _("– nowhere –"),
    }
