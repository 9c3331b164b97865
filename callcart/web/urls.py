"""Every address: one include per face. A face not installed yet is left out."""

from __future__ import annotations

import logging
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from callcart.web import errors, health, language

FACES = (
    ("", "callcart.web.accounts.urls"),
    ("desk", "callcart.web.desk.urls"),
    ("office", "callcart.web.office.urls"),
    ("hooks", "callcart.web.hooks.urls"),
    ("", "callcart.web.shop.urls"),
)


def _face(prefix: str, module: str) -> list[URLPattern | URLResolver]:
    if find_spec(module.rpartition(".")[0]) is None or find_spec(module) is None:
        return []
    try:
        return [path(f"{prefix}/" if prefix else "", include(module))]
    except ImportError:  # while the rooms are being built: one unfinished face does not take the others down
        logging.getLogger("callcart.web").exception("face left out: %s", module)
        return []


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("desk", RedirectView.as_view(url="/desk/")),
    path("office", RedirectView.as_view(url="/office/")),
    path("language", language.change_language, name="language"),
    *(pattern for prefix, module in FACES for pattern in _face(prefix, module)),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
