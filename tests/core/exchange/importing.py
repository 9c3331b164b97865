"""Imports in tests: begin with texts as files, work as the worker would, look at what became of the rows."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from callcart.core.actor import Actor
from callcart.core.exchange import public as exchange
from callcart.core.exchange import steps
from callcart.core.exchange.public import Import, ImportRow, Place

PLACE = Place("USD", "America/New_York", "US", "en")


def begin(actor: Actor, kind: str, **files: str | bytes) -> Import:
    """An import of files given by name (a dot is written `__`)."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, content in files.items():
            path = Path(folder) / name.replace("__", ".")
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            paths.append((path.name, path))
        return exchange.begin(actor, kind=kind, paths=paths, place=PLACE)


def work(found: Import) -> Import:
    """Go on until the import waits for somebody."""
    while steps.advance(found.id) is steps.Said.MORE:
        pass
    found.refresh_from_db()
    return found


def check(actor: Actor, found: Import, *, style: Mapping[str, str] | None = None) -> Import:
    """Take the proposed mapping and try the rows."""
    exchange.set_mapping(
        actor,
        found.id,
        sheets={number: table["sheet"] for number, table in enumerate(found.tables)},
        mapping={int(number): mapped for number, mapped in found.mapping.items()},
        style=style or found.style,
    )
    return work(found)


def run(
    actor: Actor, kind: str, *, mode: str = "good", style: Mapping[str, str] | None = None, **files: Any
) -> Import:
    """All of it, from file to end."""
    found = check(actor, begin(actor, kind, **files), style=style)
    exchange.start(actor, found.id, mode=mode)
    return work(found)


def counts(found: Import) -> tuple[int, int, int, int]:
    """Made, changed, unchanged, refused."""
    return found.made, found.changed, found.unchanged, found.refused


def problems(found: Import) -> dict[int, list[list[str]]]:
    """(column, sentence) pairs by row number."""
    rows = ImportRow.objects.filter(its_import=found, problems__isnull=False).order_by("number")
    return {row.number: row.problems for row in rows}
