"""Addresses of written conversations on the desk, taken in by `urls.py`."""

from __future__ import annotations

from django.urls import path

from callcart.web.desk import (
    canned,
    merging,
    replying,
    showing,
    team,
    webcalling,
    writing_first,
    written_page,
)

urlpatterns = [
    path("c/<uuid:conversation_id>/accept", replying.accept, name="accept"),
    path("c/<uuid:conversation_id>/take", replying.take, name="take"),
    path("c/<uuid:conversation_id>/reply", replying.reply, name="reply"),
    path("c/<uuid:conversation_id>/aside", replying.set_aside, name="aside"),
    path("c/<uuid:conversation_id>/finish", replying.finish, name="finish"),
    path("c/<uuid:conversation_id>/spam", replying.spam, name="spam"),
    path("c/<uuid:conversation_id>/reply/draft", replying.draft, name="reply_draft"),
    path("c/<uuid:conversation_id>/reply/files", replying.upload, name="reply_files"),
    path("c/<uuid:conversation_id>/reply/files/drop", replying.drop_file, name="reply_file_drop"),
    path("c/<uuid:conversation_id>/reply/files/<str:file_id>", replying.draft_file, name="reply_file"),
    path("c/<uuid:conversation_id>/earlier", written_page.earlier, name="earlier"),
    path("c/<uuid:conversation_id>/here", written_page.here, name="here"),
    path("c/<uuid:conversation_id>/comment", team.comment, name="comment"),
    path("c/<uuid:conversation_id>/hand-over", team.choices, name="hand_over_choices"),
    path("c/<uuid:conversation_id>/hand-over/to", team.hand_over, name="hand_over"),
    path("c/<uuid:conversation_id>/orders", showing.choices, name="orders_to_show"),
    path("c/<uuid:conversation_id>/orders/show", showing.show, name="show_order"),
    path("c/<uuid:conversation_id>/merge", merging.choices, name="could_merge"),
    path("c/<uuid:conversation_id>/merge/in", merging.merge, name="merge"),
    path("c/<uuid:conversation_id>/merge/undo", merging.undo, name="merge_undo"),
    path("c/<uuid:conversation_id>/web-call", webcalling.call, name="web_call"),
    path("c/<uuid:conversation_id>/web-call/decline", webcalling.decline, name="web_call_no"),
    path("c/<uuid:conversation_id>/tag", team.tag, name="tag"),
    path("customer/<uuid:customer_id>/write", writing_first.form, name="write"),
    path("customer/<uuid:customer_id>/write/send", writing_first.send, name="write_first"),
    path("canned", canned.find, name="canned"),
    path("colleagues", team.colleagues, name="colleagues"),
    path("m/<uuid:message_id>/again", replying.send_again, name="send_again"),
    path("m/<uuid:message_id>/formatted", written_page.formatted, name="formatted"),
    path("file/<uuid:attachment_id>", written_page.attachment, name="attachment"),
    path("sms-length", written_page.length, name="sms_length"),
]
