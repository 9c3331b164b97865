"""Calls of a number are found among very many by an index."""

from __future__ import annotations

from django.db import connection

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import visible
from callcart.core.actor import Actor
from callcart.people.tenants.models import Tenant


def test_calls_of_a_number_are_found_by_an_index(tenant: Tenant) -> None:
    Conversation.objects.bulk_create(
        Conversation(number=f"{number:07d}", caller_e164=f"+1202555{number:04d}") for number in range(800)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE conversations_conversation")
    rows = visible(Actor.system(tenant.id)).filter(caller_e164="+12025550042").order_by("-started_at", "-id")
    assert "conversations_of_number" in rows[:51].explain()
