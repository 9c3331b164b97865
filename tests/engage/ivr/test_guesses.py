"""A code of four digits is not found by trying them all: tries are counted by order and by caller, on connections of their own."""

from __future__ import annotations

from uuid import UUID

from callcart.contact.voice.flow import CallFacts
from callcart.engage.ivr import guesses
from callcart.people.tenants.public import tenant_by_slug


def test_tries_end_by_order_and_by_caller(fresh_db: str) -> None:
    tenant = tenant_by_slug("harbor")
    assert tenant is not None
    here, there = (CallFacts(tenant.id, UUID(int=1), "en", caller_e164=each) for each in ("+12125550142", ""))
    assert [guesses.may_guess(here, "10482") for _each in range(6)] == [True] * 5 + [False]
    assert not guesses.may_guess(there, "10482"), "another caller does not begin anew"
    assert [guesses.may_guess(here, f"{number}") for number in range(6)] == [True] * 5 + [False]
    assert guesses.may_guess(there, "20001")
