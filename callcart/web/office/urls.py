"""Addresses of the office."""

from django.urls import path
from django.views.generic import RedirectView

from callcart.web.office import calls, catalog, customers, order, orders, queues, settings, staff

app_name = "office"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="office:orders"), name="home"),
    path("orders", orders.order_list, name="orders"),
    path("orders/today", orders.today, name="orders_today"),
    path("orders/views", orders.save_view, name="orders_save_view"),
    path("orders/<uuid:order_id>", order.order, name="order"),
    path("orders/<uuid:order_id>/confirm", order.confirm, name="order_confirm"),
    path("orders/<uuid:order_id>/cancel", order.cancel, name="order_cancel"),
    path("orders/<uuid:order_id>/hold", order.hold, name="order_hold"),
    path("orders/<uuid:order_id>/unhold", order.unhold, name="order_unhold"),
    path("orders/<uuid:order_id>/edit", order.edit, name="order_edit"),
    path("customers", customers.customers, name="customers"),
    path("customers/<uuid:customer_id>", customers.customer, name="customer"),
    path("customers/<uuid:customer_id>/edit", customers.edit, name="customer_edit"),
    path("customers/<uuid:customer_id>/phones", customers.unmask, name="customer_phones"),
    path("products", catalog.products, name="products"),
    path("products/<uuid:product_id>", catalog.product, name="product"),
    path("stock", catalog.stock, name="stock"),
    path("stock/movements", catalog.movements, name="movements"),
    path("stock/<uuid:stock_id>", catalog.adjust, name="adjust"),
    path("calls", calls.calls, name="calls"),
    path("calls/<uuid:conversation_id>", calls.call, name="call"),
    path("recordings/<uuid:recording_id>", calls.recording, name="recording"),
    path("queues", queues.queues, name="queues"),
    path("queues/new", queues.queue, name="queue_new"),
    path("queues/<uuid:queue_id>", queues.queue, name="queue"),
    path("numbers", settings.numbers, name="numbers"),
    path("numbers/<uuid:number_id>", settings.number, name="number"),
    path("settings", settings.settings, name="settings"),
    path("settings/hosts", settings.add_host, name="host_add"),
    path("settings/hosts/<uuid:host_id>/remove", settings.remove_host, name="host_remove"),
    path("staff", staff.staff, name="staff"),
    path("staff/new", staff.new, name="staff_new"),
    path("staff/<uuid:staff_id>", staff.member, name="staff_member"),
    path("staff/<uuid:staff_id>/switch", staff.switch, name="staff_switch"),
    path("staff/<uuid:staff_id>/sessions/<uuid:session_id>", staff.revoke, name="staff_revoke"),
    path("roles", staff.roles, name="roles"),
    path("roles/new", staff.role, name="role_new"),
    path("roles/<uuid:role_id>", staff.role, name="role"),
    path("roles/<uuid:role_id>/remove", staff.role_delete, name="role_delete"),
]
