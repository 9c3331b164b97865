"""Addresses of keys and webhooks."""

from __future__ import annotations

from django.urls import path

from callcart.web.office.connections import keys, webhooks

urlpatterns = [
    path("api-keys", keys.api_keys, name="api_keys"),
    path("api-keys/new", keys.api_key_new, name="api_key_new"),
    path("api-keys/<uuid:key_id>", keys.api_key, name="api_key"),
    path("api-keys/<uuid:key_id>/revoke", keys.api_key_revoke, name="api_key_revoke"),
    path("webhooks", webhooks.webhook_list, name="webhooks"),
    path("webhooks/new", webhooks.webhook_edit, name="webhook_new"),
    path("webhooks/<uuid:endpoint_id>", webhooks.webhook, name="webhook"),
    path("webhooks/<uuid:endpoint_id>/edit", webhooks.webhook_edit, name="webhook_edit"),
    path("webhooks/<uuid:endpoint_id>/switch", webhooks.webhook_switch, name="webhook_switch"),
    path("webhooks/<uuid:endpoint_id>/secret", webhooks.webhook_secret, name="webhook_secret"),
    path("webhooks/<uuid:endpoint_id>/test", webhooks.webhook_test, name="webhook_test"),
    path("webhooks/<uuid:endpoint_id>/remove", webhooks.webhook_remove, name="webhook_remove"),
    path(
        "webhooks/<uuid:endpoint_id>/deliveries/<uuid:delivery_id>/again",
        webhooks.webhook_replay,
        name="webhook_replay",
    ),
]
