"""What differs between two versions of a flow, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from django.utils.translation import gettext as _

from callcart.contact.voice.speech.phrases import LANGUAGES
from callcart.engage.ivr.blocks import Block, Graph
from callcart.engage.ivr.labels import language_label, setting_label, title_of, way_label


def differences(before: Graph, after: Graph) -> list[str]:
    """From the earlier to the later one; empty where they are the same."""
    return list(_differences(before, after))


def _differences(before: Graph, after: Graph) -> Iterator[str]:
    if before.start != after.start and after.start in after.blocks:
        yield _("The call begins with “%(block)s”.") % {"block": title_of(after.blocks[after.start])}
    for block_id, block in after.blocks.items():
        if block_id not in before.blocks:
            yield _("“%(block)s” is new.") % {"block": title_of(block)}
        else:
            yield from _block(before, after, before.blocks[block_id], block)
    for block_id, block in before.blocks.items():
        if block_id not in after.blocks:
            yield _("“%(block)s” is gone.") % {"block": title_of(block)}


def _block(before: Graph, after: Graph, old: Block, new: Block) -> Iterator[str]:
    named = title_of(new)
    if title_of(old) != named:
        yield _("“%(before)s” is called “%(block)s”.") % {"before": title_of(old), "block": named}
    if old.words.key != new.words.key and new.words.key:
        yield _("“%(block)s” says another prompt.") % {"block": named}
    for language in LANGUAGES:
        text = new.words.texts.get(language, "")
        if text and text != old.words.texts.get(language, ""):
            yield _("“%(block)s” says in %(language)s: %(text)s") % {
                "block": named, "language": language_label(language), "text": text,
            }  # fmt: skip
    yield from _settings(old, new, named)
    for way in dict.fromkeys([*old.arrows, *new.arrows]):
        was, now = old.arrows.get(way), new.arrows.get(way)
        if was != now:
            yield _arrow(after, new, way, now, named)


def _settings(old: Block, new: Block, named: str) -> Iterator[str]:
    was, now = asdict(old.settings), asdict(new.settings)
    for name, value in now.items():
        if was.get(name) != value:
            yield _("“%(block)s”: “%(setting)s” is now %(value)s.") % {
                "block": named, "setting": setting_label(new, name), "value": _value(value),
            }  # fmt: skip


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value) or _("empty")


def _arrow(graph: Graph, block: Block, way: str, target: str | None, named: str) -> str:
    values = {"block": named, "way": way_label(block, way)}
    if target is None or target not in graph.blocks:
        return _("From “%(block)s”, “%(way)s” leads nowhere any more.") % values
    values["target"] = title_of(graph.blocks[target])
    return _("From “%(block)s”, “%(way)s” leads to “%(target)s”.") % values
