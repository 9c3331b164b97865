"""The two shops of tests and benches. To be imported once Django is set up."""

from __future__ import annotations

from callcart.people.tenants.public import Tenant, create_tenant


def make_harbor() -> Tenant:
    """`harbor`: English, US dollars, New York."""
    return create_tenant(
        slug="harbor",
        name="Harbor & Pine",
        name_zh="海港松木",
        currency="USD",
        timezone="America/New_York",
        language="en",
        country="US",
    )


def make_qinghe() -> Tenant:
    """`qinghe`: Chinese, yuan, Shanghai."""
    return create_tenant(
        slug="qinghe",
        name="Qinghe Select",
        name_zh="青禾优选",
        currency="CNY",
        timezone="Asia/Shanghai",
        language="zh-hans",
        country="CN",
    )
