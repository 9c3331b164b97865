"""Addresses of canned replies and tags."""

from __future__ import annotations

from django.urls import path

from callcart.web.office.canned import replies, tags

urlpatterns = [
    path("replies", replies.replies, name="canned_replies"),
    path("replies/new", replies.reply, name="canned_reply_new"),
    path("replies/<uuid:reply_id>", replies.reply, name="canned_reply"),
    path("tags", tags.tags, name="talk_tags"),
    path("tags/new", tags.tag, name="talk_tag_new"),
    path("tags/<uuid:tag_id>", tags.tag, name="talk_tag"),
]
