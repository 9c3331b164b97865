"""What a flow of this shop may refer to: queues in use, prompts that can be heard, its service numbers."""

from __future__ import annotations

from callcart.contact.routing import public as routing
from callcart.contact.voice.models import TenantPrompt
from callcart.contact.voice.speech.phrases import LANGUAGES, known_phrases
from callcart.engage.ivr import phrases
from callcart.engage.ivr.check import World
from callcart.engage.survey.public import surveys
from callcart.people.tenants.public import list_service_numbers


def world_of_shop(tenant_id: int) -> World:
    return World(
        queues=frozenset(str(queue.id) for queue in routing.queues()),
        prompts={key: frozenset(LANGUAGES) for key in [*known_phrases(), *own_prompts()]},
        surveys=frozenset({*(ids := [str(each.id) for each in surveys(active=True)]), *(ids and [""])}),
        numbers=frozenset(each.number for each in list_service_numbers(tenant_id)),
    )


def own_prompts() -> dict[str, str]:
    """Greetings that the shop has added: titles by key. A language that one was not written in is greeted as shipped."""
    rows = TenantPrompt.objects.filter(key__startswith=f"{phrases.GREETING}.").order_by("title", "key")
    return dict(rows.values_list("key", "title"))
