"""Addresses of voicemail."""

from django.urls import path

from callcart.web.office.voicemail import messages

urlpatterns = [
    path("voicemail", messages.messages, name="voicemail"),
    path("voicemail/queues", messages.boxes, name="voicemail_boxes"),
    path("voicemail/queues/<uuid:queue_id>", messages.box, name="voicemail_box"),
]
