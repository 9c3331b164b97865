"""Two at once, on real connections: one changes, one publishes, one makes the main flow; the other is told."""

from __future__ import annotations

from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.engage.ivr.models import Flow, FlowVersion
from callcart.engage.ivr.public import StaleDraft, change_block, ensure_main, open_draft, publish
from callcart.people.tenants.public import tenant_by_slug
from tests.commerce.shop import at_once


def test_of_two_at_once_one_is_told(fresh_db: str) -> None:
    tenant = tenant_by_slug("harbor")
    assert tenant is not None
    boss = Actor.system(tenant.id, "test")

    made = at_once(tenant.id, [lambda: ensure_main(boss)] * 2)
    assert made[0] == made[1]
    flow_id = made[0].id
    drafts = at_once(tenant.id, [lambda: open_draft(boss, flow_id)] * 2)
    assert drafts[0].id == drafts[1].id
    changes = at_once(
        tenant.id,
        [
            lambda name=name: change_block(boss, flow_id, "menu", {"title": name}, revision=1)
            for name in ("One", "Two")
        ],
    )
    assert sorted(type(each) for each in changes if isinstance(each, StaleDraft)) == [StaleDraft]
    published = at_once(tenant.id, [lambda: publish(boss, flow_id, revision=2)] * 2)
    assert sum(isinstance(each, StaleDraft) for each in published) == 1
    with tenant_transaction(tenant.id):
        assert Flow.objects.count() == 1
        assert [each.state for each in FlowVersion.objects.order_by("number")] == ["retired", "published"]
