"""Collect the texts to translate into each app's catalogue, keep what is translated, then compile.

Reads Python (gettext calls, and the docstrings of AppError's subclasses, which are their messages) and Jinja2 templates.
A text another app has translated already takes that translation. Says what has no Chinese yet; never removes a
translation that is still used, drops those that no longer are. Arguments narrow it to some apps: `callcart/web/desk`.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from callcart.core.messages import PACKAGE, catalogs, compile_catalogs  # noqa: E402

LOCALES = ("zh_Hans",)
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
ERRORS_AT_FIRST = {"AppError"}
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # a fixed date, so that a catalogue changes only with its texts


def main() -> int:
    """Bring every catalogue up to date; the number of texts without a translation."""
    wanted = {Path(argument).resolve() for argument in sys.argv[1:]}
    errors = error_classes()
    missing = 0
    for app in apps():
        if wanted and app not in wanted:
            continue
        found = texts_of(app, errors)
        for locale in LOCALES:
            missing += update(app, locale, found)
    compile_catalogs(force=True)
    sys.stdout.write(f"{missing} texts without a translation\n")
    return missing


def apps() -> list[Path]:
    """Folders with an apps.py; the rest of the package belongs to the app it lies in, or to `core`."""
    return sorted(
        (path.parent for path in PACKAGE.rglob("apps.py")), key=lambda path: len(path.parts), reverse=True
    )


def owner(file: Path, folders: list[Path]) -> Path:
    return next((folder for folder in folders if file.is_relative_to(folder)), PACKAGE / "core")


def texts_of(app: Path, errors: set[str]) -> Catalog:
    """A template catalogue of all the texts of an app."""
    folders = apps()
    catalog = Catalog(project="Callcart", charset="utf-8", creation_date=EPOCH)
    for file in sorted(PACKAGE.rglob("*.py")) + sorted(PACKAGE.rglob("*.html")):
        if owner(file, folders) != app or "migrations" in file.parts:
            continue
        place = [(str(file.relative_to(ROOT)), 0)]
        for text, context, comments in _texts(file, errors):
            flags = ["python-format"] if "%(" in (text if isinstance(text, str) else text[0]) else []
            catalog.add(text, None, place, flags=flags, auto_comments=comments, context=context)
    return catalog


def _texts(file: Path, errors: set[str]) -> Iterator[tuple[str | tuple[str, ...], str | None, list[str]]]:
    source = file.read_bytes()
    method = "python" if file.suffix == ".py" else "jinja2.ext:babel_extract"
    options = (
        {}
        if file.suffix == ".py"
        else {
            "newstyle_gettext": "true",
            "silent": "false",
            "trimmed": "true",
            "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols",
            "trim_blocks": "true",
            "lstrip_blocks": "true",
        }
    )
    for _, text, comments, context in extract(
        method, io.BytesIO(source), KEYWORDS, ["Translators:"], options
    ):
        if text:
            yield text, context, comments
    if file.suffix == ".py":
        for message in error_messages(_tree(file), errors):
            yield message, None, []


def error_classes() -> set[str]:
    """The names of all subclasses of AppError in the package."""
    parents: dict[str, set[str]] = {}
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(_tree(file)):
            if isinstance(node, ast.ClassDef):
                bases = {
                    base.id if isinstance(base, ast.Name) else getattr(base, "attr", "")
                    for base in node.bases
                }
                parents.setdefault(node.name, set()).update(bases)
    known = set(ERRORS_AT_FIRST)
    while more := {name for name, bases in parents.items() if bases & known} - known:
        known |= more
    return known


def _tree(file: Path) -> ast.Module:
    try:
        return ast.parse(file.read_bytes())
    except SyntaxError as error:
        sys.stderr.write(f"skipped: {error}\n")
        return ast.Module([], [])


def error_messages(tree: ast.Module, errors: set[str]) -> Iterator[str]:
    """The docstrings of error classes, as `AppError.message` asks gettext for them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in errors:
            text = (ast.get_docstring(node, clean=False) or "").strip()
            if text:
                yield text


def update(app: Path, locale: str, found: Catalog) -> int:
    """Merge into the app's catalogue; the number of texts left untranslated."""
    path = app / "locale" / locale / "LC_MESSAGES" / "django.po"
    if not len(found):
        return 0
    known = Catalog(locale=locale)
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale=locale)
    known.update(found, no_fuzzy_matching=True, update_creation_date=False)
    known.obsolete.clear()
    _borrow(known, locale)
    _punctuate(known)
    _plain_header(known)
    out = io.BytesIO()
    write_po(out, known, width=110, sort_output=True, include_lineno=False, omit_header=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != out.getvalue():
        path.write_bytes(out.getvalue())
    open_ones = [message for message in known if message.id and not _done(message)]
    for message in open_ones:
        sys.stdout.write(f"{path.relative_to(ROOT)}: {message.id!r}\n")
    return len(open_ones)


HAN = "\u3400-\u9fff"
WIDE = {",": "\uff0c", ":": "\uff1a", ";": "\uff1b", "?": "\uff1f", "!": "\uff01"}


def chinese(text: str) -> str:
    """Punctuation as Chinese is written: full width after a character, and brackets that hold characters."""
    names: list[str] = re.findall(r"%\(\w+\)[sd]|\{\w+\}", text)
    for place, name in enumerate(names):
        text = text.replace(name, chr(0xE000 + place), 1)
    near = f"[{HAN}\ue000-\ue0ff\u201d\uff09]"
    text = re.sub(
        rf"({near})([,:;?!])(?=\s|$|[{HAN}\ue000-\ue0ff])\s*", lambda found: found[1] + WIDE[found[2]], text
    )
    text = re.sub(
        rf"\(([^()]*)\)(?=[{HAN}]|$)",
        lambda found: f"\uff08{found[1]}\uff09" if re.search(near, text) else found[0],
        text,
    )
    for place, name in enumerate(names):
        text = text.replace(chr(0xE000 + place), name, 1)
    return text


def _punctuate(catalog: Catalog) -> None:
    for message in catalog:
        if not message.id:
            continue
        if isinstance(message.string, str):
            message.string = chinese(message.string)
        else:
            message.string = tuple(chinese(part or "") for part in message.string or ())


def _borrow(catalog: Catalog, locale: str) -> None:
    """Fill texts that another app's catalogue has already."""
    for message in catalog:
        if message.id and not _done(message):
            other = elsewhere(locale).get((message.id, message.context))
            if other:
                message.string = other


@cache
def elsewhere(locale: str) -> dict[tuple[object, str | None], object]:
    """All translations of the package, by text and context."""
    found: dict[tuple[object, str | None], object] = {}
    for path in catalogs():
        if path.parent.parent.name == locale:
            with path.open("rb") as file:
                for message in read_po(file, locale=locale):
                    if message.id and _done(message):
                        found.setdefault((message.id, message.context), message.string)
    return found


def _plain_header(catalog: Catalog) -> None:
    catalog.header_comment = "# Simplified Chinese texts of Callcart."
    catalog.project, catalog.version = "Callcart", "1"
    catalog.creation_date = catalog.revision_date = EPOCH
    catalog.last_translator = catalog.language_team = "Callcart"
    catalog.msgid_bugs_address = ""


def _done(message: Message) -> bool:
    parts = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return not message.fuzzy and bool(parts) and all(parts)


if __name__ == "__main__":
    main()
