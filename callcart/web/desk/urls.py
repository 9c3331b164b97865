"""Addresses of the agent desk."""

from __future__ import annotations

from django.urls import path

from callcart.web.desk import (
    callbacks,
    calls_to_make,
    conversation,
    demo,
    dialling,
    home,
    invoice,
    ordering,
    parking,
    passing,
    phone,
    short,
    stored_value,
    writing,
)
from callcart.web.desk.urls_written import urlpatterns as written_urls

app_name = "desk"
urlpatterns = [
    *written_urls,
    path("", home.home, name="home"),
    path("figures", home.figures, name="figures"),
    path("inbox", home.inbox, name="inbox"),
    path("idle", home.idle, name="idle"),
    path("callbacks/promise", callbacks.promise, name="promise"),
    path("callbacks/<uuid:callback_id>", callbacks.show, name="callback"),
    path("callbacks/<uuid:callback_id>/call", callbacks.call, name="callback_call"),
    path("callbacks/<uuid:callback_id>/<slug:verb>", callbacks.act, name="callback_act"),
    path("tasks/<uuid:task_id>/done", calls_to_make.done, name="task_done"),
    path("now", home.where_now, name="now"),
    path("state", home.set_state, name="state"),
    path("sign-in", home.sign_in_again, name="sign_in"),
    path("phone", phone.credentials, name="phone"),
    path("parked/<int:orbit>", parking.pick_up, name="pick_up"),
    path("dial", dialling.dial, name="dial"),
    path("demo", demo.call, name="demo"),
    path("look-up", conversation.look_up, name="look_up"),
    path("customer/<uuid:customer_id>", conversation.show_customer, name="customer"),
    path("reveal/<uuid:customer_id>", conversation.reveal, name="reveal"),
    path("c/<uuid:conversation_id>", conversation.show, name="conversation"),
    path("c/<uuid:conversation_id>/customer", conversation.set_customer, name="set_customer"),
    path("c/<uuid:conversation_id>/new-customer", conversation.new_customer, name="new_customer"),
    path("c/<uuid:conversation_id>/note", conversation.write_note, name="note"),
    path("c/<uuid:conversation_id>/draft", conversation.save_draft, name="wrap_up_draft"),
    path("c/<uuid:conversation_id>/wrap-up", conversation.wrap_up, name="wrap_up"),
    path("c/<uuid:conversation_id>/writing", writing.still_writing, name="still_writing"),
    path("c/<uuid:conversation_id>/decline", phone.decline, name="decline"),
    path("c/<uuid:conversation_id>/pass-on", passing.choices, name="pass_on_choices"),
    path("c/<uuid:conversation_id>/pass-on/to", passing.pass_on, name="pass_on"),
    path("c/<uuid:conversation_id>/call/<str:verb>", phone.wish, name="wish"),
    path("recording/<uuid:recording_id>", conversation.recording, name="recording"),
    path("order", ordering.form, name="order"),
    path("order/search", ordering.search, name="order_search"),
    path("order/summary", ordering.summary, name="order_summary"),
    path("order/short", short.short, name="order_short"),
    path("order/place", ordering.place, name="order_place"),
    path("order/repeat/<uuid:order_id>", ordering.repeat, name="order_repeat"),
    path("order/<uuid:order_id>/pay", ordering.pay_link, name="order_pay"),
    path("order/<uuid:order_id>/invoice", invoice.send, name="order_invoice"),
    path("order/<uuid:order_id>/stored-value", stored_value.use, name="order_value"),
]
