"""Whether a flow may be published: every problem in words, by block. Nobody who calls ever meets a flow with one.

An error forbids publishing, a warning does not. Pure: what the shop has (queues, prompts) is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from callcart.contact.voice.speech.phrases import LANGUAGES
from callcart.engage.ivr import blocks
from callcart.engage.ivr.blocks import ENDS, IS, KEYS, LISTENS, SPEAKS, Block, Graph, reachable, ways
from callcart.engage.ivr.labels import language_label, titles_of, way_label


@dataclass(frozen=True, slots=True)
class World:
    """What a flow may refer to. `queues`: in use, by id. `prompts`: those of the shop, by key, with the languages they are
    said in. `numbers`: its service numbers. `surveys`: in use, by id, and an empty one where there is any."""

    queues: frozenset[str] = frozenset()
    prompts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    surveys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. `block` is empty where it is the whole flow's; `name` is the field or way out it is at."""

    block: str
    name: str
    text: str
    is_error: bool = True


def check(graph: Graph, world: World) -> list[Finding]:
    """Everything that is wrong, in the order of the blocks."""
    if graph.start not in graph.blocks:
        return [Finding("", "start", _("Choose the block that the call begins with."))]
    found = [finding for block in graph.blocks.values() for finding in _block(graph, block, world)]
    return [*found, *_unreachable(graph), *_endless(graph), *_turning(graph)]


def may_publish(findings: list[Finding]) -> bool:
    return not any(finding.is_error for finding in findings)


def _block(graph: Graph, block: Block, world: World) -> Iterator[Finding]:
    yield from _arrows(graph, block)
    if block.kind in SPEAKS:
        yield from _words(block, world)
    yield from _settings(graph, block, world)


def _arrows(graph: Graph, block: Block) -> Iterator[Finding]:
    for way in ways(block):
        target = block.arrows.get(way.name, "")
        if not target and way.needed:
            text = _("“%(way)s” leads nowhere. Choose the block that comes next.")
            yield Finding(block.id, way.name, text % {"way": way_label(block, way.name)})
        elif target and target not in graph.blocks:
            text = _("“%(way)s” leads to a block that is not there.")
            yield Finding(block.id, way.name, text % {"way": way_label(block, way.name)})
    if isinstance(block.settings, blocks.Menu) and not any(key in block.arrows for key in KEYS):
        yield Finding(block.id, "arrows", _("A menu needs one key at least that leads somewhere."))
    if isinstance(block.settings, blocks.Branch) and not any(name.startswith(IS) for name in block.arrows):
        yield Finding(
            block.id, "arrows", _("This branch tells nobody apart: every caller goes the same way.")
        )


def _words(block: Block, world: World) -> Iterator[Finding]:
    words = block.words
    if words.key:
        spoken = world.prompts.get(words.key)
        if spoken is None:
            yield Finding(block.id, "key", _("The prompt chosen here is not there any more."))
        else:
            yield from _silent_in(block, set(spoken))
        return
    if not words.texts:
        if _asks_by_itself(block):
            return
        if block.kind in (blocks.Kind.QUEUE, blocks.Kind.HANG_UP):
            yield Finding(block.id, "text_en", _("Nothing is said here before it goes on."), is_error=False)
        else:
            yield Finding(block.id, "text_en", _("Write what is said here, or choose a prompt."))
        return
    yield from _silent_in(block, set(words.texts))


def _asks_by_itself(block: Block) -> bool:
    if block.kind in (blocks.Kind.VOICEMAIL, blocks.Kind.SURVEY, blocks.Kind.CALLBACK):
        return True
    return isinstance(block.settings, blocks.Identify) and block.settings.by is blocks.By.PIN


def _silent_in(block: Block, spoken: set[str]) -> Iterator[Finding]:
    for language in LANGUAGES:
        if language not in spoken:
            text = _("There are no words in %(language)s.") % {"language": language_label(language)}
            yield Finding(block.id, f"text_{language}", text)


def _settings(graph: Graph, block: Block, world: World) -> Iterator[Finding]:
    match block.settings:
        case blocks.Queue(queue=queue) | blocks.Voicemail(queue=queue) | blocks.Callback(queue=queue) if (
            queue and queue not in world.queues
        ):
            yield Finding(
                block.id, "queue", _("This queue is not there, or takes no conversations any more.")
            )
        case blocks.Survey(survey=survey) if survey not in world.surveys:
            text = (
                _("This survey is not there, or is switched off.")
                if survey
                else _("No survey is in use. Make one first.")
            )
            yield Finding(block.id, "survey", text)
        case blocks.Transfer():
            text = _("Calls cannot be put through to outside numbers yet. Use a queue instead.")
            yield Finding(block.id, "number", text)
        case blocks.Digits(least=least, most=most) if least > most:
            yield Finding(block.id, "least", _("At least cannot be more than at most."))
        case blocks.FindOrder(digits=digits):
            source = graph.blocks.get(digits)
            if source is None or not isinstance(source.settings, blocks.Digits):
                text = _("Choose the block in which the caller types the order number.")
                yield Finding(block.id, "digits", text)
        case blocks.ReadOut(what=blocks.Reading.CREDIT) if not any(
            isinstance(other.settings, blocks.Identify) for other in graph.blocks.values()
        ):
            text = _("Only callers who have identified themselves hear this. Put a block for that before it.")
            yield Finding(block.id, "what", text)
        case blocks.Branch(on=on):
            yield from _values(block, on, world)
        case _:
            return


def _values(block: Block, on: blocks.On, world: World) -> Iterator[Finding]:
    """Values that no caller can have."""
    for name in block.arrows:
        value = name.removeprefix(IS)
        known = blocks.values_of(on) if on is not blocks.On.NUMBER else world.numbers
        if name.startswith(IS) and value not in (known or ()):
            text = (
                _("No call comes by the number %(value)s.")
                if on is blocks.On.NUMBER
                else _("Nobody has “%(value)s”.")
            )
            yield Finding(block.id, name, text % {"value": value})


def _unreachable(graph: Graph) -> list[Finding]:
    reached = reachable(graph)
    text = _("No arrow leads here, so no caller ever gets here. Connect it or remove it.")
    return [Finding(block_id, "", text) for block_id in graph.blocks if block_id not in reached]


def _endless(graph: Graph) -> list[Finding]:
    """Blocks from which no way leads to an end."""
    ending = {block.id for block in graph.blocks.values() if block.kind in ENDS}
    grew = True
    while grew:
        more = {
            block.id
            for block in graph.blocks.values()
            if block.id not in ending and any(target in ending for target in block.arrows.values())
        }
        ending |= more
        grew = bool(more)
    text = _("From here no way leads to a queue or to the end of the call.")
    return [Finding(block_id, "", text) for block_id in reachable(graph) if block_id not in ending]


def _turning(graph: Graph) -> list[Finding]:
    """Blocks on a circle that a call would run round without the caller doing anything."""
    passing = {
        block.id: [target for target in block.arrows.values() if target in graph.blocks]
        for block in graph.blocks.values()
        if block.kind not in LISTENS
    }
    edges = {key: [target for target in targets if target in passing] for key, targets in passing.items()}
    while free := [key for key, targets in edges.items() if not targets]:
        for key in free:
            del edges[key]
        edges = {key: [target for target in targets if target in edges] for key, targets in edges.items()}
    circles = [block_id for block_id in edges if _comes_back(edges, block_id)]
    return [Finding(block_id, "", _circle_text(graph, circles)) for block_id in circles[:1]]


def _comes_back(edges: Mapping[str, list[str]], start: str) -> bool:
    seen, ahead = set(), list(edges[start])
    while ahead:
        block_id = ahead.pop()
        if block_id == start:
            return True
        if block_id not in seen:
            seen.add(block_id)
            ahead += edges[block_id]
    return False


def _circle_text(graph: Graph, circle: list[str]) -> str:
    titles = titles_of(graph)
    named = ", ".join(titles[block_id] for block_id in circle[:4])
    return _("The call would run in a circle without the caller doing anything: %(blocks)s.") % {
        "blocks": named
    }
