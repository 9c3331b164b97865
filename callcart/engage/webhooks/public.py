"""What other rooms may use of webhooks."""

from __future__ import annotations

from callcart.engage.webhooks.endpoints import (
    Made,
    add_endpoint,
    change_endpoint,
    remove_endpoint,
    renew_secret,
    switch_endpoint,
)
from callcart.engage.webhooks.kinds import KINDS, TEST
from callcart.engage.webhooks.models import Delivery, DeliveryState, Endpoint, EndpointState
from callcart.engage.webhooks.queries import EndpointRow, get_endpoint, list_deliveries, list_endpoints
from callcart.engage.webhooks.telling import StillWaiting, replay, send_test

__all__ = [
    "KINDS",
    "TEST",
    "Delivery",
    "DeliveryState",
    "Endpoint",
    "EndpointRow",
    "EndpointState",
    "Made",
    "StillWaiting",
    "add_endpoint",
    "change_endpoint",
    "get_endpoint",
    "list_deliveries",
    "list_endpoints",
    "remove_endpoint",
    "renew_secret",
    "replay",
    "send_test",
    "switch_endpoint",
]
