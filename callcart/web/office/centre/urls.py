"""Addresses of the call centre's set-up."""

from django.urls import path

from callcart.web.office.centre import hours

urlpatterns = [
    path("opening-hours", hours.overview, name="opening_hours"),
    path("opening-hours/shop", hours.one, name="hours_shop"),
    path("opening-hours/<uuid:queue_id>", hours.one, name="hours_queue"),
    path("opening-hours/close", hours.at_once, {"is_open": False}, name="hours_close"),
    path("opening-hours/open", hours.at_once, {"is_open": True}, name="hours_open"),
    path("opening-hours/lift/<uuid:override_id>", hours.lift, name="hours_lift"),
    path("opening-hours/day/<uuid:day_id>/remove", hours.remove_day, name="hours_day_remove"),
]
