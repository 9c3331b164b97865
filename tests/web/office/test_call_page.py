"""One call in the office: its path in whole seconds as the reader writes them, its durations as m:ss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callcart.contact.conversations.models import Step
from callcart.contact.conversations.past import PastTalk, record_past
from tests.web.office.office import Office, words

BEGAN = datetime(2026, 11, 24, 20, 30, 7, 123000, tzinfo=UTC)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_steps_are_told_to_the_millisecond_and_durations_in_minutes(office: Office, language: str) -> None:
    talk = record_past(
        office.boss,
        PastTalk(
            started_at=BEGAN, queued_at=BEGAN, answered_at=BEGAN + timedelta(seconds=42.4),
            ended_at=BEGAN + timedelta(seconds=317.4), agent_id=office.staff["agent"].id,
        ),
    )  # fmt: skip
    assert Step.objects.filter(conversation=talk, at=BEGAN).exists()
    page = words(office.client(language=language).get(f"/office/calls/{talk.id}")).replace("\u202f", " ")
    assert "15:30:07.123" in page and "15:30:49.523" in page  # each step to the millisecond
    assert "0:42" in page and "4:35" in page
