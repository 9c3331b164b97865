"""Message catalogues: where they are, and turning the texts people edit (`django.po`) into what gettext reads (`.mo`).

Compiled files are not kept with the source; set-up makes them (`python -m callcart.core.messages`). Several processes
may compile at once: each writes aside and moves its file into place.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).resolve().parent.parent


def catalogs() -> Iterator[Path]:
    """Every `django.po` of the package."""
    yield from sorted(PACKAGE.glob("**/locale/*/LC_MESSAGES/django.po"))


def compile_catalogs(*, force: bool = False) -> list[Path]:
    """Compile the catalogues that changed since they were compiled; the paths written. OSError where the package
    cannot be written to."""
    written = []
    for source in catalogs():
        target = source.with_suffix(".mo")
        if force or not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            _compile(source, target)
            written.append(target)
    return written


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parent.parent.name)
    _leave_out_untranslated_plurals(catalog)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    with draft.open("wb") as file:
        write_mo(file, catalog, use_fuzzy=False)
    draft.replace(target)


def _leave_out_untranslated_plurals(catalog: Catalog) -> None:
    """Babel would write the English in their place, and that would hide the translation another app has."""
    for message in list(catalog):
        if isinstance(message.id, list | tuple) and message.id and not all(message.string or ("",)):
            catalog.delete(message.id, message.context)


if __name__ == "__main__":
    sys.stdout.write(f"{len(compile_catalogs())} catalogues compiled\n")
