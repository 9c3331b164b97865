"""A list of callbacks reads the page it shows, whatever it is narrowed by: each filter has an index in the list's order."""

from __future__ import annotations

import re

import pytest
from django.db.models import QuerySet

from callcart.contact.callbacks import public as callbacks
from callcart.contact.callbacks.models import Callback
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.ids import new_id
from callcart.people.tenants.models import Tenant


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (callbacks.Filters(), "callbacks_by_time"),
        (callbacks.Filters(state="open"), "callbacks_open_by_time"),
        (callbacks.Filters(state="done"), "callbacks_by_state"),
        (callbacks.Filters(queue_id=new_id()), "callbacks_by_queue"),
    ],
)
def test_each_filter_has_its_index(tenant: Tenant, wanted: callbacks.Filters, index: str) -> None:
    rows = callbacks.callbacks(Actor.system(tenant.id), wanted).filter(tenant_id=tenant.id)
    assert index in _indexes(rows.order_by("-made_at", "-id")[:31])


def test_what_somebody_asked_for_is_counted_by_an_index(tenant: Tenant) -> None:
    asker = Callback.objects.filter(tenant_id=tenant.id, asked_from="web 192.0.2.0/24")
    assert "callbacks_of_asker" in _indexes(asker.exclude(asked_from=""))


def _indexes(rows: QuerySet[Callback]) -> set[str]:
    """Those the database would read, were the table long."""
    raw.run("SET LOCAL enable_seqscan = off")
    raw.run("SET LOCAL enable_sort = off")
    raw.run("SET LOCAL enable_bitmapscan = off")
    return set(re.findall(r"using (\w+)", rows.explain()))
