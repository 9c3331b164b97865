"""No template, module or style of ours needs anything the strict policy forbids."""

import re
from pathlib import Path

import pytest
from django.test import RequestFactory

from callcart.core.messages import PACKAGE
from callcart.web import assets
from callcart.web.jinja import icon_names
from callcart.web.middleware import content_security_policy

TEMPLATES = sorted(PACKAGE.rglob("jinja2/**/*.html"))
MODULES = sorted(path for path in assets.ROOT.rglob("*.js") if "vendor" not in path.parts)
FORBIDDEN = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "a <style> element": r"<style[\s>]",
    "an event handler attribute": r"<[^>]*\son[a-z]+\s*=\s*[\"']",
    "hx-on": r"\shx-on[:=-]",
    "a js: value": r"=\s*[\"'](?:js|javascript):",
    "an hx-trigger filter": r"hx-trigger\s*=\s*[\"'][^\"']*\[[^\"']*\]",
    "an address of another host": r"<(?:script|link|img|iframe)[^>]*(?:src|href)\s*=\s*[\"']https?://",
    "a template engine's unsafe mark": r"\|\s*safe\b",
}
IDS = [str(path.relative_to(PACKAGE)) for path in TEMPLATES]


def test_the_policy_allows_nothing_unsafe():
    policy = content_security_policy(RequestFactory().get("/", HTTP_HOST="harbor.localhost:8443"))
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert "unsafe" not in policy
    assert "*" not in policy
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["object-src"] == "'none'"
    assert re.fullmatch(
        r"'self' https://harbor\.localhost:\d+ wss://harbor\.localhost:\d+", rules["connect-src"]
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_template_keeps_the_policy(path: Path):
    text = path.read_text(encoding="utf-8")
    found = [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text, re.IGNORECASE)]
    assert not found
    for attributes, content in re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL | re.IGNORECASE):
        data = 'type="application/json"' in attributes
        assert data or (re.search(r"\bsrc=", attributes) and not content.strip()), "an inline script"


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_template_names_only_icons_and_files_that_exist(path: Path):
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"\bicon\(\s*\"([^\"]+)\"", text):
        assert name in icon_names(), name
    for name in re.findall(r"\bstatic\(\s*['\"]([^'\"]+)['\"]\s*\)", text):
        assert (assets.ROOT / name).is_file(), name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(assets.ROOT)))
def test_module_makes_no_code_or_markup_out_of_text(path: Path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"\beval\(|new Function|\.innerHTML\s*(\+=|=\s*[`\"'])|insertAdjacentHTML|document\.write|https?://",
        text,
    )
    for imported in re.findall(r"(?:from|import)\s*\(?[\"'](\.[^\"']+)[\"']", text):
        assert (path.parent / imported).resolve().is_file(), imported


def test_pages_are_not_marked_safe_in_python():
    for path in (PACKAGE / "web").rglob("*.py"):
        assert "mark_safe(" not in path.read_text(encoding="utf-8"), path
