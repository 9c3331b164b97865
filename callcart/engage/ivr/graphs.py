"""Graphs as plain JSON values and back. Whatever comes in is read strictly: an unknown kind, a setting out of its range or a
text too long is refused with its block and field, all at once, as `block.field`. Whether a flow makes sense is `check`'s.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from callcart.contact.voice.speech.phrases import LANGUAGES
from callcart.core.fields import Fields
from callcart.engage.ivr.blocks import (
    IS,
    KEYS,
    LIMITS,
    SETTINGS,
    Block,
    Branch,
    Graph,
    Kind,
    Settings,
    Words,
    reachable,
    ways,
)

MOST_BLOCKS = 100
MOST_CHARACTERS = 600
MOST_TITLE = 60
MOST_VALUES = 20
MOST_BYTES = 200_000
_ID = re.compile(r"[a-z0-9_]{1,40}")
_KEY = re.compile(r"[a-z0-9_.]{0,80}")
_VALUE = re.compile(r"[a-z0-9+_-]{1,40}")


def plain(graph: Graph) -> dict[str, Any]:
    """The graph as JSON values; what is as by default is left out of the words."""
    return {"start": graph.start, "blocks": {each.id: plain_block(each) for each in graph.blocks.values()}}


def plain_block(block: Block) -> dict[str, Any]:
    words = {"key": block.words.key} if block.words.key else {"texts": dict(block.words.texts)}
    settings = {
        key: str(value) if isinstance(value, StrEnum) else value
        for key, value in asdict(block.settings).items()
    }
    return {
        "kind": str(block.kind),
        "title": block.title,
        "words": words,
        "settings": settings,
        "arrows": dict(block.arrows),
    }


def read(values: Any) -> Graph:
    """The graph of JSON values. Raises Invalid."""
    form = Fields()
    if not isinstance(values, Mapping) or not isinstance(values.get("blocks"), Mapping):
        form.refuse("graph", _("This is not a flow."))
        form.done()
    if len(json.dumps(values, default=str)) > MOST_BYTES or len(values["blocks"]) > MOST_BLOCKS:
        form.refuse("graph", _("A flow has at most %(most)s blocks.") % {"most": MOST_BLOCKS})
        form.done()
    blocks = {str(key): read_block(str(key), each, form) for key, each in values["blocks"].items()}
    form.done()
    return _in_order(Graph(str(values.get("start", ""))[:40], blocks))


def _in_order(graph: Graph) -> Graph:
    """The blocks as callers come to them: the database keeps no order of its own."""
    order = [*reachable(graph), *sorted(graph.blocks)]
    return Graph(graph.start, {key: graph.blocks[key] for key in dict.fromkeys(order)})


def read_block(block_id: str, values: Any, form: Fields) -> Block:
    """One block; what is wrong with it is refused in `form` as `block.field`."""
    if not _ID.fullmatch(block_id):
        form.refuse(f"{block_id[:40]}.id", _("This name of a block cannot be used."))
    if not isinstance(values, Mapping) or values.get("kind") not in set(Kind):
        form.refuse(f"{block_id[:40]}.kind", _("There is no such kind of block."))
        return Block(block_id, Kind.HANG_UP)
    kind, own = Kind(values["kind"]), Fields()
    block = Block(
        id=block_id,
        kind=kind,
        title=own.line("title", values.get("title", ""), most=MOST_TITLE),
        words=_words(values.get("words"), own),
        settings=_settings(SETTINGS[kind], values.get("settings"), own),
    )
    block = _with_arrows(block, values.get("arrows"), own)
    form.merge(f"{block_id}.", own.wrong)
    return block


def _words(values: Any, form: Fields) -> Words:
    values = values if isinstance(values, Mapping) else {}
    key, texts = str(values.get("key", "")), values.get("texts")
    if not _KEY.fullmatch(key):
        form.refuse("key", _("There is no such prompt."))
        key = ""
    texts = texts if isinstance(texts, Mapping) else {}
    read = {
        each: form.block(f"text_{each}", texts[each], most=MOST_CHARACTERS)
        for each in LANGUAGES
        if texts.get(each)
    }
    return Words(key, {} if key else {language: text for language, text in read.items() if text})


def _settings(kind: type[Settings], values: Any, form: Fields) -> Settings:
    values = values if isinstance(values, Mapping) else {}
    found: dict[str, Any] = {}
    for each in fields(kind):
        given = values.get(each.name)
        if given is not None:
            limits = LIMITS.get((kind, each.name), (0, 0))
            found[each.name] = _setting(each.name, given, each.default, limits, form)
    return kind(**found)


def _setting(name: str, given: Any, default: Any, limits: tuple[int, int], form: Fields) -> Any:
    if isinstance(default, StrEnum):
        words = type(default)
        text = form.choice(name, given, list(words))
        return words(text) if text in set(words) else default
    if isinstance(default, bool):
        return given in (True, "1", "on", "true")
    if isinstance(default, int):
        return _number(name, given, default, limits, form)
    return form.line(name, given, most=limits[1])


def _number(name: str, given: Any, default: int, limits: tuple[int, int], form: Fields) -> int:
    text = str(given).strip()
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else -1
    least, most = limits
    if not least <= number <= most:
        form.refuse(name, _("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most})
        return default
    return number


def _with_arrows(block: Block, values: Any, form: Fields) -> Block:
    """The block with those arrows that leave by a way it has."""
    given = values if isinstance(values, Mapping) else {}
    arrows = {str(name): str(target) for name, target in given.items() if target}
    if isinstance(block.settings, Branch):
        written = [name.removeprefix(IS) for name in arrows if name.startswith(IS)]
        if len(written) > MOST_VALUES or not all(_VALUE.fullmatch(value) for value in written):
            form.refuse("arrows", _("A branch tells at most %(most)s values apart.") % {"most": MOST_VALUES})
            arrows = {name: target for name, target in arrows.items() if not name.startswith(IS)}
    block = _having(block, arrows)
    known = {way.name for way in ways(block)}
    for name, target in arrows.items():
        if name not in known:
            form.refuse("arrows", _("No arrow can leave this block by “%(way)s”.") % {"way": name[:40]})
        elif not _ID.fullmatch(target):
            form.refuse("arrows", _("An arrow has to lead to a block."))
    return _having(block, {name: target for name, target in arrows.items() if name in known})


def _having(block: Block, arrows: Mapping[str, str]) -> Block:
    return Block(block.id, block.kind, block.title, block.words, block.settings, _sorted(arrows))


def _sorted(arrows: Mapping[str, str]) -> dict[str, str]:
    """Keys in the order of a telephone's, then the rest by name."""
    order = {key: place for place, key in enumerate(KEYS)}
    return dict(sorted(arrows.items(), key=lambda each: (order.get(each[0], len(KEYS)), each[0])))
