"""What a caller is asked after a real talk: the agent hangs up first, the line stays, keys answer, and the agent has been free of it all the while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.phones import Lines, in_state, is_told
from tests.journeys.plain_agents import one_talk
from tests.journeys.shell import Shell
from tests.journeys.system import System, eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

# Queues that ask every caller whose agent has hung up first, and as they were before.
ASK = """
from callcart.contact.routing import public as routing
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.engage.survey import public as survey
from callcart.people.tenants.public import tenant_by_slug
tenant = tenant_by_slug("harbor")
boss = Actor.system(tenant.id, "journey")
with tenant_transaction(tenant.id):
    rules = survey.rules()
    for queue in routing.queues():
        if queue.id in rules:
            rule = rules[queue.id]
            draft = survey.RuleDraft(rule.survey_id, calls=calls, chats=rule.chats, mails=rule.mails)
            survey.save_rule(boss, queue.id, draft, version=rule.version)
answer = len(rules)
"""
QUESTIONS = ("How satisfied are you", "How likely are you")


@pytest.fixture(autouse=True)
def asks_always(shell: Shell) -> Iterator[None]:
    assert shell.run(ASK, calls="always")
    yield
    shell.run(ASK, calls="asked")


def asked(system: System, talk: str) -> dict[str, Any]:
    found = system.rows("SELECT * FROM survey_asked WHERE conversation_id = %(id)s", {"id": talk})
    return found[0] if found else {"count": 0, "total": 0}


def test_the_caller_answers_by_keys_when_the_agent_has_gone(
    system: System, dial_in: Lines, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        _agents, agent, customer, talk = one_talk(system, tmp_path / "agents", dial_in, stack)
        eventually(lambda: agent.heard.tone(440) > 0.8, "the agent hears the customer", timeout=30)

        agent.hang_up()
        in_state(system, "wrap_up")
        assert not customer.other_side_left(), "the line stays with who called"
        is_told(system, QUESTIONS[0])
        customer.press("5")
        eventually(lambda: asked(system, talk)["total"] == 5, "the answer is kept at once", timeout=30)
        is_told(system, QUESTIONS[1])
        customer.press("7")  # no such answer: it is asked again
        eventually(lambda: _times_told(system, talk, QUESTIONS[1]) == 2, "it is asked again", timeout=30)
        customer.press("4")
        eventually(customer.other_side_left, "the call is over", timeout=40)
    row = asked(system, talk)
    assert (row["count"], row["total"], row["channel"], row["agent_id"]) == (
        2,
        9,
        "voice",
        _agent_of(system, talk),
    )
    [kept] = system.rows(
        "SELECT end_reason, state FROM conversations_conversation WHERE id = %(id)s", {"id": talk}
    )
    assert kept["end_reason"] == "completed", "the end of the survey is not that of the talk"


def _times_told(system: System, talk: str, words: str) -> int:
    steps = system.rows(
        "SELECT data ->> 'text' AS text FROM conversations_step WHERE conversation_id = %(id)s AND kind = 'prompt.played'",
        {"id": talk},
    )
    return sum(words in step["text"] for step in steps)


def _agent_of(system: System, talk: str) -> Any:
    return system.rows("SELECT agent_id FROM conversations_conversation WHERE id = %(id)s", {"id": talk})[0][
        "agent_id"
    ]
