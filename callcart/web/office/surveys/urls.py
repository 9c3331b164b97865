"""Addresses of surveys."""

from django.urls import path

from callcart.web.office.surveys import results, setup

urlpatterns = [
    path("surveys", results.results, name="surveys"),
    path("surveys/setup", setup.surveys, name="surveys_setup"),
    path("surveys/setup/new", setup.one, name="survey_new"),
    path("surveys/setup/<uuid:survey_id>", setup.one, name="survey"),
    path("surveys/setup/<uuid:survey_id>/switch", setup.switch, name="survey_switch"),
    path("surveys/queues/<uuid:queue_id>", setup.rule, name="survey_rule"),
]
