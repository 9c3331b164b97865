"""Addresses of recordings."""

from django.urls import path

from callcart.web.office.recordings import comments, found, one, retention

urlpatterns = [
    path("recordings", found.recordings_list, name="recordings"),
    path("recordings/retention", retention.rules, name="retention"),
    path("recordings/retention/new", retention.rule, name="retention_new"),
    path("recordings/retention/<uuid:rule_id>", retention.rule, name="retention_rule"),
    path("recordings/retention/<uuid:rule_id>/remove", retention.remove, name="retention_remove"),
    path("recordings/<uuid:recording_id>", one.recording, name="recording_page"),
    path("recordings/<uuid:recording_id>/sound", one.sound, name="recording"),
    path("recordings/<uuid:recording_id>/download", one.download, name="recording_download"),
    path("recordings/<uuid:recording_id>/words", one.words, name="recording_words"),
    path("recordings/<uuid:recording_id>/hold", one.hold, name="recording_hold"),
    path("recordings/<uuid:recording_id>/lift", one.lift, name="recording_lift"),
    path("recordings/<uuid:recording_id>/comments", comments.add, name="recording_comment"),
    path("recordings/comments/<uuid:comment_id>", comments.change, name="recording_comment_change"),
    path("recordings/comments/<uuid:comment_id>/remove", comments.remove, name="recording_comment_remove"),
]
