"""What a flow asks where the caller speaks or judges, of the real business: a message begun and kept, a survey answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from callcart.contact.routing.models import Queue
from callcart.contact.voice.flow import CallFacts
from callcart.contact.voicemail.models import Voicemail
from callcart.core.actor import Actor
from callcart.core.ids import new_id
from callcart.engage.ivr.look_up import look_up
from callcart.engage.ivr.walk import ANSWER, FOLLOWS, LEAVE, LEFT, SURVEY
from callcart.engage.survey import public as survey
from callcart.engage.survey.models import Asked
from callcart.people.tenants.models import Tenant
from tests.contact.voicemail.conftest import call_in, write

QUESTION = {"en": "Was it quick?", "zh-hans": "快吗？"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: Any) -> Path:
    from django.conf import settings

    monkeypatch.setattr(settings, "CALLCART_RECORDINGS", tmp_path)
    return tmp_path


@pytest.fixture
def facts(tenant: Tenant) -> CallFacts:
    return CallFacts(tenant.id, call_in(tenant_id=tenant.id), "en")


def test_a_message_is_begun_for_a_queue_and_counts_once_it_has_sound(
    facts: CallFacts, queue_id: str, folder: Path
) -> None:
    given = look_up(facts, LEAVE, {"queue": queue_id})
    row = Voicemail.objects.get()
    assert given == {"name": row.file_name, "seconds": 120, "silence": 5, "texts": {}}
    assert str(row.queue_id) == queue_id
    write(folder / f"{row.file_name}.wav", 3)
    assert look_up(facts, LEFT, {"failed": ""}) is True
    assert Voicemail.objects.get().ended_at is not None


def test_what_failed_is_lost_and_no_queue_takes_none(facts: CallFacts, queue_id: str, folder: Path) -> None:
    look_up(facts, LEAVE, {"queue": queue_id})
    assert look_up(facts, LEFT, {"failed": "1"}) is False
    assert Voicemail.objects.get().state == "lost"
    Queue.objects.update(is_active=False)
    assert look_up(facts, LEAVE, {"queue": queue_id}) is None


def test_a_survey_is_asked_and_answered(facts: CallFacts, boss: Actor) -> None:
    assert look_up(facts, SURVEY, {"survey": ""}) is None
    made = survey.save_survey(boss, survey.SurveyDraft("After", questions=[QUESTION]))
    given = look_up(facts, SURVEY, {"survey": str(made.id)})
    asked = Asked.objects.get()
    assert given == {"id": str(asked.id), "questions": [QUESTION]}
    assert look_up(facts, ANSWER, {"id": str(asked.id), "at": "0", "score": "4"}) is True
    assert look_up(facts, ANSWER, {"id": str(asked.id), "at": "5", "score": "4"}) is False
    assert look_up(facts, ANSWER, {"id": str(new_id()), "at": "0", "score": "4"}) is False
    assert Asked.objects.get().total == 4
    assert look_up(facts, FOLLOWS, {}) == ""
