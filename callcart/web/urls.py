"""Every address: one include per face, after the ones that belong to none."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from callcart.web import errors, health, language

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("desk", RedirectView.as_view(url="/desk/")),
    path("office", RedirectView.as_view(url="/office/")),
    path("language", language.change_language, name="language"),
    path("", include("callcart.web.accounts.urls")),
    path("desk/", include("callcart.web.floor.urls")),
    path("desk/", include("callcart.web.desk.urls")),
    path("office/", include("callcart.web.office.urls")),
    path("hooks/", include("callcart.web.hooks.urls")),
    path("chat/", include("callcart.web.chat.urls")),
    path("", include("callcart.web.api.urls")),
    path("", include("callcart.web.shop.urls")),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
