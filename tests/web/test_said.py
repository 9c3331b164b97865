"""Texts of templates: looked up once a language, escaped where they are filled in, in the language of the moment."""

from __future__ import annotations

from django.utils import translation
from markupsafe import Markup

from callcart.web.jinja import said


def test_what_is_filled_in_is_escaped() -> None:
    assert said("Hello %(name)s", name="<b>") == "Hello &lt;b&gt;"
    assert said("Hello %(name)s", name=Markup("<b>")) == "Hello <b>"
    assert isinstance(said("Hello"), Markup)


def test_a_per_cent_sign_is_written_twice() -> None:
    assert said("100%% sure") == "100% sure"
    assert said("%(n)s%% sure", n=5) == "5% sure"


def test_each_language_has_its_own() -> None:
    with translation.override("zh-hans"):
        chinese = said("Save")
    with translation.override("en"):
        assert said("Save") == "Save"
    with translation.override("zh-hans"):
        assert said("Save") == chinese == translation.gettext("Save")
