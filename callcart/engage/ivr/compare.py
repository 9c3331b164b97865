"""What differs between two versions of a flow, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from django.utils.translation import gettext as _

from callcart.contact.voice.speech.phrases import LANGUAGES
from callcart.engage.ivr.blocks import Block, Graph
from callcart.engage.ivr.labels import language_label, setting_label, titles_of, way_label


def differences(before: Graph, after: Graph) -> list[str]:
    """From the earlier to the later one; empty where they are the same."""
    return list(_differences(before, after))


def _differences(before: Graph, after: Graph) -> Iterator[str]:
    was, now = titles_of(before), titles_of(after)
    if before.start != after.start and after.start in now:
        yield _("The call begins with “%(block)s”.") % {"block": now[after.start]}
    for block_id, block in after.blocks.items():
        if block_id not in before.blocks:
            yield _("“%(block)s” is new.") % {"block": now[block_id]}
        else:
            yield from _block(before.blocks[block_id], block, was, now)
    for block_id in before.blocks:
        if block_id not in after.blocks:
            yield _("“%(block)s” is gone.") % {"block": was[block_id]}


def _block(old: Block, new: Block, was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    named = new.title or was[old.id]
    if old.title != new.title:
        yield _("“%(before)s” is called “%(block)s”.") % {"before": was[old.id], "block": now[new.id]}
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
        if old.arrows.get(way) != new.arrows.get(way):
            yield _arrow(new, way, named, now)


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


def _arrow(block: Block, way: str, named: str, titles: Mapping[str, str]) -> str:
    values = {"block": named, "way": way_label(block, way)}
    target = block.arrows.get(way, "")
    if target not in titles:
        return _("From “%(block)s”, “%(way)s” leads nowhere any more.") % values
    values["target"] = titles[target]
    return _("From “%(block)s”, “%(way)s” leads to “%(target)s”.") % values
