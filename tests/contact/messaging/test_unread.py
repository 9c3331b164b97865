"""What came raw is never lost without a word: neither where its parser breaks, nor where its job has given up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcart.contact.messaging import jobs
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.fake import FakeChannel
from callcart.contact.messaging.models import Arrival
from callcart.core.clock import frozen, now
from callcart.core.tenancy import tenant_transaction
from tests.contact.messaging.office import Office


def kept(office: Office, name: str) -> Arrival:
    with tenant_transaction(office.tenant_id):
        return Arrival.objects.get(external_id=name)


@pytest.mark.parametrize("error", [KeyError("x"), IndexError(), AttributeError("'NoneType'"), MemoryError()])
def test_a_parser_that_breaks_leaves_it_to_a_person(
    office: Office, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    name = f"<broken-{type(error).__name__}>"

    def read(self: object, line: object, content: bytes) -> None:
        raise error

    monkeypatch.setattr(FakeChannel, "read", read)
    messaging.LineSink(office.tenant_id, office.lines["mail"]).raw(name, b"whatever")
    arrival = kept(office, name)
    with tenant_transaction(office.tenant_id):
        jobs.read_arrival(arrival_id=arrival.id)
    arrival = kept(office, name)
    assert (arrival.state, arrival.words) == ("dead", type(error).__name__)
    monkeypatch.undo()


def test_what_its_job_gave_up_is_read_in_the_end(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = messaging.LineSink(office.tenant_id, office.lines["mail"])
    sink.raw("<left-1>", b"left@there.example|Hello|World")
    asked: list[int] = []
    monkeypatch.setattr(jobs.jobs, "defer", lambda _job, arrival_id: asked.append(arrival_id))
    jobs.read_left()
    assert asked == [], "its job may still be about it"
    with frozen(now() + jobs.LEFT_AFTER + timedelta(minutes=1)):
        jobs.read_left()
        left = kept(office, "<left-1>")
        assert asked == [left.id]
        with tenant_transaction(office.tenant_id):
            jobs.read_arrival(arrival_id=left.id)
        jobs.read_left()
    assert asked == [left.id] and kept(office, "<left-1>").state == "filed"
