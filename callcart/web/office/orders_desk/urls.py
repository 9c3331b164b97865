"""Addresses of the orders desk."""

from django.urls import path

from callcart.web.office.orders_desk import pasting, queue, receivers, splitting, steps, waiting

urlpatterns = [
    path("orders/approval", queue.queue, name="orders_queue"),
    path("orders/decide", queue.decide, name="orders_decide"),
    path("orders/waiting", waiting.waiting, name="orders_waiting"),
    path("orders/receivers", receivers.receivers, name="receivers"),
    path("orders/receivers/add", receivers.add, name="receiver_add"),
    path("orders/receivers/<uuid:receiver_id>/remove", receivers.remove, name="receiver_remove"),
    path("orders/rules", receivers.rules, name="approval_rules"),
    path("orders/address", pasting.split_address, name="split_address"),
    path("orders/<uuid:order_id>/split", splitting.split, name="order_split"),
    path("orders/<uuid:order_id>/merge", splitting.merge, name="order_merge"),
    path("orders/<uuid:order_id>/warehouses", splitting.warehouses, name="order_warehouses"),
    path("orders/<uuid:order_id>/approve", steps.approve, name="order_approve"),
    path("orders/<uuid:order_id>/ask", steps.ask, name="order_ask"),
    path("orders/<uuid:order_id>/reject", steps.reject, name="order_reject"),
    path("orders/<uuid:order_id>/cancel-rest", steps.cancel_rest, name="order_cancel_rest"),
    path("orders/<uuid:order_id>/tags", steps.tags, name="order_tags"),
    path("orders/<uuid:order_id>/dispatches/<uuid:dispatch_id>", steps.hand_over, name="order_hand_over"),
]
