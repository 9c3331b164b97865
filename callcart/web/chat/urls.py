"""Addresses of the chat. All but the script and the frame are asked by the frame itself, with the visitor's token in a header."""

from __future__ import annotations

from django.urls import path

from callcart.web.chat import asking, calling, frame, talk

app_name = "chat"
urlpatterns = [
    path("widget.js", frame.widget, name="widget"),
    path("<uuid:line_id>/", frame.frame, name="frame"),
    path("<uuid:line_id>/begin", talk.begin, name="begin"),
    path("<uuid:line_id>/say", talk.say, name="say"),
    path("<uuid:line_id>/heard", talk.heard, name="heard"),
    path("<uuid:line_id>/cards", talk.shown, name="cards"),
    path("<uuid:line_id>/agree", talk.agreed, name="agree"),
    path("<uuid:line_id>/transcript", talk.transcript, name="transcript"),
    path("<uuid:line_id>/typing", talk.typing, name="typing"),
    path("<uuid:line_id>/page", talk.page, name="page"),
    path("<uuid:line_id>/end", talk.end, name="end"),
    path("<uuid:line_id>/call-me", talk.call_me, name="call_me"),
    path("<uuid:line_id>/call", calling.call, name="call"),
    path("<uuid:line_id>/call/decline", calling.decline, name="call_decline"),
    path("<uuid:line_id>/call/phone", calling.phone, name="call_phone"),
    path("<uuid:line_id>/survey", asking.survey, name="survey"),
    path("<uuid:line_id>/survey/answer", asking.answer, name="survey_answer"),
    path("<uuid:line_id>/files/<uuid:file_id>", talk.file, name="file"),
]
