"""Histories keep a colleague's name as they themselves write it."""

from __future__ import annotations

import pytest

from callcart.core.actor import Actor
from callcart.people.staff.public import (
    actor_of,
    create_staff,
    look_at_sessions,
    resolve_session,
    start_session,
)
from callcart.people.tenants.public import Tenant


@pytest.mark.parametrize(
    ("language", "name_zh", "written"),
    [("zh-hans", "苏文静", "苏文静"), ("zh-hans", "", "Wenjing Su"), ("en", "苏文静", "Wenjing Su")],
)
def test_the_actor_is_named_in_the_own_language(
    tenant: Tenant, language: str, name_zh: str, written: str
) -> None:
    staff = create_staff(
        Actor.system(tenant.id, "test"),
        email="su@shop.example",
        name="Wenjing Su",
        name_zh=name_zh,
        language=language,
        password="long-enough-word-1",
        role_ids=[],
    )
    actor = resolve_session(start_session(staff))

    assert actor is not None
    assert actor.name == written
    assert look_at_sessions([actor.session])[actor.session].actor.name == written
    assert actor_of(staff).name == written
