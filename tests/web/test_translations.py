"""Every text has its Chinese, with the same placeholders, and one text reads the same everywhere."""

import gettext
import importlib.util
import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from django.utils import translation

from callcart.core import messages
from callcart.core.messages import PACKAGE, catalogs

ROOT = PACKAGE.parent
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%[sd]")
HAN = re.compile("[\u3400-\u9fff]")
SAME_IN_BOTH = {"SKU", "VIP"}


def load_script():
    spec = importlib.util.spec_from_file_location("collect_messages", ROOT / "scripts" / "messages.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


collect = load_script()
APPS = sorted(collect.apps())
ERRORS = collect.error_classes()


def parts(text):
    return list(text) if isinstance(text, list | tuple) else [text]


def read(path: Path):
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans")


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.relative_to(PACKAGE).as_posix())
def test_every_text_of_the_app_is_translated(app: Path):
    wanted = {(message.id, message.context) for message in collect.texts_of(app, ERRORS) if message.id}
    path = app / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    if not wanted and not path.exists():
        return
    known = {(m.id, m.context): m for m in read(path) if m.id} if path.exists() else {}
    done = {key for key, m in known.items() if m.string and all(parts(m.string)) and not m.fuzzy}
    assert wanted - done == set(), "run scripts/messages.py and fill what it names"


@pytest.mark.parametrize(
    "path", sorted(catalogs()), ids=lambda path: str(path.relative_to(PACKAGE).parts[:3])
)
def test_placeholders_are_the_same(path: Path):
    for message in read(path):
        if not message.id or not all(parts(message.string)):
            continue  # what is missing is named by the test above
        wanted = set(PLACEHOLDER.findall(parts(message.id)[-1]))
        for text in filter(None, parts(message.string)):
            assert set(PLACEHOLDER.findall(text)) == wanted, message.id


@pytest.mark.parametrize(
    "path", sorted(catalogs()), ids=lambda path: str(path.relative_to(PACKAGE).parts[:3])
)
def test_chinese_is_punctuated_as_chinese(path: Path):
    for message in read(path):
        for text in parts(message.string) if message.id else []:
            assert collect.chinese(text) == text, f"{message.id!r}: run scripts/messages.py"


def test_one_text_reads_the_same_in_every_catalogue():
    found = defaultdict(lambda: defaultdict(list))
    for path in catalogs():
        for message in read(path):
            if message.id and all(parts(message.string)):
                found[message.id, message.context][tuple(parts(message.string))].append(
                    str(path.relative_to(PACKAGE))
                )
    unlike = {key: dict(texts) for key, texts in found.items() if len(texts) > 1}
    assert not unlike, "give it one translation, or a context (pgettext) where the meanings differ"


@pytest.mark.parametrize(
    "path", sorted(catalogs()), ids=lambda path: str(path.relative_to(PACKAGE).parts[:3])
)
def test_no_english_passes_for_chinese(path: Path):
    for message in read(path):
        for text in parts(message.string) if message.id else []:
            words = re.sub(r"<[^>]*>", "", PLACEHOLDER.sub("", text))
            english = re.search("[A-Za-z]{2}", words) and not HAN.search(words)
            assert not english or text in SAME_IN_BOTH, message.id


def test_a_text_met_for_the_first_time_counts_as_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(collect, "ROOT", tmp_path)
    found = Catalog()
    found.add("A text nobody has written before")
    found.add(("%(n)s such text", "%(n)s such texts"), None)

    assert collect.update(tmp_path, "zh_Hans", found) == 2
    assert collect.update(tmp_path, "zh_Hans", found) == 2


def test_chinese_counts_with_one_form():
    with translation.override("zh-hans"):
        said = [
            translation.ngettext("%(count)s minute", "%(count)s minutes", n) % {"count": n} for n in (1, 5)
        ]
    assert said == ["1 分钟", "5 分钟"]


def test_a_plural_without_chinese_hides_no_other_catalogue_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(messages, "PACKAGE", tmp_path)
    catalog = Catalog(locale="zh_Hans")
    catalog.add(("%(n)s box", "%(n)s boxes"), ("",))
    catalog.add(("%(n)s bag", "%(n)s bags"), ("%(n)s 袋",))
    source = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    with source.open("wb") as file:
        write_po(file, catalog)

    messages.compile_catalogs()

    with source.with_suffix(".mo").open("rb") as file:
        chinese = gettext.GNUTranslations(file)
    assert chinese.ngettext("%(n)s bag", "%(n)s bags", 5) == "%(n)s 袋"
    assert chinese.ngettext("%(n)s box", "%(n)s boxes", 5) == "%(n)s boxes"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("\u8bf7\u7a0d\u5019,\u518d\u8bd5", "\u8bf7\u7a0d\u5019\uff0c\u518d\u8bd5"),
        ("\u5171 %(n)s \u6761: \u597d", "\u5171 %(n)s \u6761\uff1a\u597d"),
        ("\u5e97\u94fa(%(zone)s)", "\u5e97\u94fa\uff08%(zone)s\uff09"),
        ("09:30, A", "09:30, A"),
        ("%(a)s:%(b)s", "%(a)s\uff1a%(b)s"),
    ],
)
def test_punctuation(typed: str, written: str):
    assert collect.chinese(typed) == written
