"""Addresses of lines and dead letters."""

from __future__ import annotations

from django.urls import path

from callcart.web.office.channels import dead, lines

urlpatterns = [
    path("lines", lines.lines, name="lines"),
    path("lines/new/<slug:kind>", lines.edit, name="line_new"),
    path("lines/<uuid:line_id>", lines.edit, name="line"),
    path("lines/<uuid:line_id>/switch", lines.switch, name="line_switch"),
    path("lines/<uuid:line_id>/try", lines.check, name="line_try"),
    path("undelivered", dead.undelivered, name="undelivered"),
    path("undelivered/<uuid:message_id>/again", dead.send_again, name="undelivered_again"),
    path("unread-arrivals/<int:arrival_id>/again", dead.read_again, name="arrival_again"),
]
