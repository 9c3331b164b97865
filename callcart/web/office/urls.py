"""Addresses of the office."""

from django.urls import path
from django.views.generic import RedirectView

from callcart.web.office import (
    calls,
    customer_edit,
    customers,
    dispositions,
    groups,
    order,
    order_edit,
    order_money,
    orders,
    products,
    prompt_takes,
    prompts,
    queues,
    roles,
    settings,
    staff,
    stock,
)
from callcart.web.office.aftersales.urls import urlpatterns as aftersales_urls
from callcart.web.office.callbacks.urls import urlpatterns as callback_urls
from callcart.web.office.canned.urls import urlpatterns as canned_urls
from callcart.web.office.centre.urls import urlpatterns as centre_urls
from callcart.web.office.channels.urls import urlpatterns as channel_urls
from callcart.web.office.connections.urls import urlpatterns as connection_urls
from callcart.web.office.dialling.urls import urlpatterns as dialling_urls
from callcart.web.office.exchange.urls import urlpatterns as exchange_urls
from callcart.web.office.ivr.urls import urlpatterns as ivr_urls
from callcart.web.office.money.urls import urlpatterns as money_urls
from callcart.web.office.money.urls_invoices import urlpatterns as invoice_urls
from callcart.web.office.money.urls_value import urlpatterns as value_urls
from callcart.web.office.orders_desk.urls import urlpatterns as orders_desk_urls
from callcart.web.office.parcels.urls import urlpatterns as parcel_urls
from callcart.web.office.recordings.urls import urlpatterns as recording_urls
from callcart.web.office.selling.urls import urlpatterns as selling_urls
from callcart.web.office.surveys.urls import urlpatterns as survey_urls
from callcart.web.office.voicemail.urls import urlpatterns as voicemail_urls
from callcart.web.office.warehouse.urls import urlpatterns as warehouse_urls
from callcart.web.office.work.urls import urlpatterns as work_urls

app_name = "office"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="office:orders"), name="home"),
    path("orders", orders.order_list, name="orders"),
    path("orders/today", orders.today, name="orders_today"),
    path("orders/views", orders.save_view, name="orders_save_view"),
    path("orders/views/<uuid:view_id>/remove", orders.delete_view, name="orders_delete_view"),
    path("orders/<uuid:order_id>", order.order, name="order"),
    path("orders/<uuid:order_id>/confirm", order.confirm, name="order_confirm"),
    path("orders/<uuid:order_id>/cancel", order.cancel, name="order_cancel"),
    path("orders/<uuid:order_id>/hold", order.hold, name="order_hold"),
    path("orders/<uuid:order_id>/unhold", order.unhold, name="order_unhold"),
    path("orders/<uuid:order_id>/ship", order.ship, name="order_ship"),
    path("orders/<uuid:order_id>/edit", order_edit.edit, name="order_edit"),
    path("orders/<uuid:order_id>/refunds", order_money.refund, name="order_refund"),
    path("orders/<uuid:order_id>/refunds/<uuid:refund_id>", order_money.pay_refund, name="order_pay_refund"),
    path("orders/<uuid:order_id>/cash", order_money.cash, name="order_cash"),
    path("orders/<uuid:order_id>/pay-link", order_money.pay_link, name="order_pay_link"),
    path("customers", customers.customers, name="customers"),
    path("customers/new", customer_edit.new, name="customer_new"),
    path("customers/<uuid:customer_id>", customers.customer, name="customer"),
    path("customers/<uuid:customer_id>/edit", customer_edit.edit, name="customer_edit"),
    path("customers/<uuid:customer_id>/block", customer_edit.block, name="customer_block"),
    path("customers/<uuid:customer_id>/numbers", customers.unmask, name="customer_phones"),
    path("customers/<uuid:customer_id>/mail-addresses", customers.unmask_emails, name="customer_emails"),
    path("customers/<uuid:customer_id>/phones", customer_edit.add_phone, name="phone_add"),
    path(
        "customers/<uuid:customer_id>/phones/<uuid:phone_id>", customer_edit.change_phone, name="phone_change"
    ),
    path("customers/<uuid:customer_id>/emails", customer_edit.add_email, name="email_add"),
    path(
        "customers/<uuid:customer_id>/emails/<uuid:email_id>", customer_edit.change_email, name="email_change"
    ),
    path("customers/<uuid:customer_id>/addresses/new", customer_edit.address, name="address_new"),
    path("customers/<uuid:customer_id>/addresses/<uuid:address_id>", customer_edit.address, name="address"),
    path(
        "customers/<uuid:customer_id>/addresses/<uuid:address_id>/remove",
        customer_edit.remove_address,
        name="address_remove",
    ),
    path("products", products.products, name="products"),
    path("products/new", products.new, name="product_new"),
    path("products/<uuid:product_id>", products.product, name="product"),
    path("products/<uuid:product_id>/edit", products.edit, name="product_edit"),
    path("products/<uuid:product_id>/variants/new", products.variant, name="variant_new"),
    path("products/<uuid:product_id>/variants/<uuid:variant_id>", products.variant, name="variant"),
    path("stock", stock.stock, name="stock"),
    path("stock/movements", stock.movements, name="movements"),
    path("stock/<uuid:variant_id>/<uuid:warehouse_id>", stock.adjust, name="adjust"),
    path("calls", calls.calls, name="calls"),
    path("calls/<uuid:conversation_id>", calls.call, name="call"),
    path("queues", queues.queues, name="queues"),
    path("queues/new", queues.queue, name="queue_new"),
    path("queues/<uuid:queue_id>", queues.queue, name="queue"),
    path("outcomes", dispositions.dispositions, name="dispositions"),
    path("outcomes/new", dispositions.disposition, name="disposition_new"),
    path("outcomes/<uuid:disposition_id>", dispositions.disposition, name="disposition"),
    path("outcomes/<uuid:disposition_id>/switch", dispositions.switch, name="disposition_switch"),
    path("numbers", settings.numbers, name="numbers"),
    path("numbers/<uuid:number_id>", settings.number, name="number"),
    path("prompts", prompts.prompts, name="prompts"),
    path("prompts/greetings", prompts.add, name="greeting_add"),
    path("prompts/<str:key>", prompts.prompt, name="prompt"),
    path("prompts/<str:key>/take", prompt_takes.shown, name="take"),
    path("prompts/<str:key>/<str:language>/take", prompt_takes.begin, name="take_begin"),
    path("takes/phone", prompt_takes.phone, name="take_phone"),
    path("takes/<uuid:take_id>/stop", prompt_takes.stop, name="take_stop"),
    path("prompts/<str:key>/remove", prompts.remove, name="greeting_remove"),
    path("prompts/<str:key>/<str:language>/text", prompts.text, name="prompt_text"),
    path("prompts/<str:key>/<str:language>/recording", prompts.recording, name="prompt_recording"),
    path("prompts/<str:key>/<str:language>/shipped", prompts.shipped, name="prompt_shipped"),
    path("prompts/<str:key>/<str:language>/sound", prompts.sound, name="prompt_sound"),
    path("settings", settings.settings, name="settings"),
    path("settings/hosts", settings.add_host, name="host_add"),
    path("settings/hosts/<uuid:host_id>/remove", settings.remove_host, name="host_remove"),
    path("staff", staff.staff, name="staff"),
    path("staff/new", staff.new, name="staff_new"),
    path("staff/<uuid:staff_id>", staff.member, name="staff_member"),
    path("staff/<uuid:staff_id>/switch", staff.switch, name="staff_switch"),
    path("staff/<uuid:staff_id>/sessions/<uuid:session_id>", staff.revoke, name="staff_revoke"),
    path("staff/<uuid:staff_id>/password", staff.password, name="staff_password"),
    path("staff/<uuid:staff_id>/second-factor", staff.second_factor, name="staff_second_factor"),
    path("roles", roles.roles, name="roles"),
    path("roles/new", roles.role, name="role_new"),
    path("roles/<uuid:role_id>", roles.role, name="role"),
    path("roles/<uuid:role_id>/remove", roles.remove, name="role_delete"),
    path("groups/new", groups.group, name="group_new"),
    path("groups/<uuid:profile_id>", groups.group, name="group"),
    *centre_urls,
    *channel_urls,
    *callback_urls,
    *canned_urls,
    *connection_urls,
    *aftersales_urls,
    *dialling_urls,
    *exchange_urls,
    *ivr_urls,
    *money_urls,
    *orders_desk_urls,
    *selling_urls,
    *work_urls,
    *value_urls,
    *invoice_urls,
    *parcel_urls,
    *recording_urls,
    *survey_urls,
    *voicemail_urls,
    *warehouse_urls,
]
