"""The template environment: translations, our formats, addresses, icons and the component macros as `ui`.

Autoescape is always on. In tests and in debug an unknown name in a template is an error; for people it is an
empty space and a line in the log.
"""

from __future__ import annotations

import logging
import re
import sys
from functools import cache, lru_cache, partial
from typing import Any

from django.http import HttpRequest
from django.http.request import split_domain_port
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined, make_logging_undefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from callcart.config import config
from callcart.people.customers.public import required_fields
from callcart.web import assets, formats
from callcart.web.menu import menu_for
from callcart.web.names import carrier_namer
from callcart.web.reader import LANGUAGES, reader

COMPONENTS = ("forms", "data", "feedback", "people")


def environment(**options: Any) -> Environment:
    """Made once by Django's Jinja2 backend."""
    strict = config().debug or _testing()
    options["undefined"] = (
        StrictUndefined if strict else make_logging_undefined(logging.getLogger("callcart.templates"))
    )
    env = Environment(  # noqa: S701 (Django's backend passes autoescape=True)
        **{**options, "autoescape": True},
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    env.policies["ext.i18n.trimmed"] = True
    env.policies["json.dumps_kwargs"] = {"sort_keys": False, "ensure_ascii": False}
    env.filters.update(formats.FILTERS)
    env.globals.update(
        static=assets.address, url=url, icon=icon, reader=reader, languages=LANGUAGES, ui=Components(env)
    )
    env.globals["query"] = query
    env.globals["address_needs"] = required_fields
    env.globals["_"] = env.globals["gettext"] = said
    return env


def said(text: str, /, **values: Any) -> Markup:
    """A translated text of a template, safe to show: what is filled in is escaped. A page says dozens, most without values:
    those are looked up once a language."""
    language = translation.get_language() or "en"
    return _said(language, text, True) if not values else _said(language, text, False) % values


@lru_cache(maxsize=20_000)
def _said(language: str, text: str, whole: bool) -> Markup:
    with translation.override(language):
        found = Markup(translation.gettext(text))  # noqa: S704  our own catalogues
    return found % {} if whole else found


def context(request: HttpRequest) -> dict[str, Any]:
    """What every page knows (Django's `context_processors`)."""
    actor = getattr(request, "actor", None)
    tenant = getattr(request, "tenant", None)
    return {
        "actor": actor,
        "tenant": tenant,
        "shop_name": shop_name(tenant),
        "language": reader().language,
        "html_lang": "zh-Hans" if reader().language == "zh-hans" else "en",
        "theme": _theme(request),
        "menu": partial(menu_for, actor, request.path),
        "carrier_name": carrier_namer(),
        "live_url": live_origin(request, scheme="http"),
        "demo": config().demo,
        "htmx": request.headers.get("HX-Request") == "true",
    }


def live_origin(request: HttpRequest, *, scheme: str) -> str:
    """The origin of the live process as this browser reaches it; `scheme` is `http` or `ws`, made secure with TLS."""
    host, _ = split_domain_port(request.get_host())
    return f"{scheme}{'s' if config().tls else ''}://{host}:{config().live_port}"


def shop_name(tenant: Any) -> str:
    """The shop's name in the reader's language."""
    if tenant is None:
        return "Callcart"
    chinese = getattr(tenant, "name_zh", "")
    return str(chinese) if reader().language == "zh-hans" and chinese else str(tenant.name)


def url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args or None, kwargs=kwargs or None)


@pass_context
def query(context: Context, **changes: Any) -> str:
    """The present query string with some names changed (None takes one out); for filter chips and pagers."""
    request: HttpRequest = context["request"]
    fields = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            fields.pop(name, None)
        elif isinstance(value, list | tuple):
            fields.setlist(name, [str(each) for each in value])
        else:
            fields[name] = str(value)
    return f"?{fields.urlencode()}" if fields else "?"


def icon(name: str, extra: str = "", *, label: str = "") -> Markup:
    """An icon of the sprite; decoration unless it has a label. Raises for a name the sprite lacks."""
    return _icon(name, extra, label, assets.address("vendor/icons.svg"))


@lru_cache(maxsize=4096)
def _icon(name: str, extra: str, label: str, sprite: str) -> Markup:
    if name not in icon_names():
        raise KeyError(f"no icon {name!r}: add it to scripts/icons.txt and run scripts/vendor_static.py")
    spoken = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    return Markup('<svg class="icon {}" width="18" height="18"{}><use href="{}#{}"></use></svg>').format(
        extra, spoken, sprite, name
    )


@cache
def icon_names() -> frozenset[str]:
    text = (assets.ROOT / "vendor" / "icons.svg").read_text(encoding="utf-8")
    return frozenset(re.findall(r'<symbol id="([^"]+)"', text))


class Components:
    """`ui.<macro>`: every macro of components/*.html, without an import in each template."""

    def __init__(self, env: Environment) -> None:
        self._env = env

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        for component in COMPONENTS:
            macro = getattr(self._env.get_template(f"components/{component}.html").module, name, None)
            if macro is not None:
                if not self._env.auto_reload:
                    setattr(self, name, macro)  # found at once the next time
                return macro
        raise AttributeError(f"no component {name!r}")


def _theme(request: HttpRequest) -> str:
    """`light` or `dark` where the reader chose, else empty: the device decides."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in {"light", "dark"} else ""


def _testing() -> bool:
    return "pytest" in sys.modules
