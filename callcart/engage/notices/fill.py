"""Texts with fields in braces: which they name, what is wrong with them, and what comes of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

_FIELD = re.compile(r"\{([^{}]*)\}")
_BLANKS = re.compile(r"[ \t]{2,}")


def fields_in(text: str) -> list[str]:
    """The names in braces, in their order, each once."""
    return list(dict.fromkeys(each.strip() for each in _FIELD.findall(text)))


def problem_of(text: str, *, may: Sequence[str], needs: Sequence[str]) -> str:
    """What is wrong with a text as a sentence for its field; empty where nothing is. Names every field it is about."""
    found = fields_in(text)
    if unknown := [each for each in found if each not in may]:
        return _("There is no field %(names)s here.") % {"names": _listed(unknown)}
    if missing := [each for each in needs if each not in found]:
        return _("The text has to say %(names)s.") % {"names": _listed(missing)}
    rest = _FIELD.sub("", text)
    if "{" in rest or "}" in rest:
        return _("A brace stands alone. Fields are written like {number}.")
    return ""


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its fields filled in; what is not known is left out, and so are the blanks it leaves behind."""
    said = _FIELD.sub(lambda found: values.get(found[1].strip(), ""), text)
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in said.splitlines()).strip()


def _listed(names: Sequence[str]) -> str:
    return _(", ").join(f"{{{each}}}" for each in names)
