"""`office`: harbor with a mailbox and a number, in a database of the file's; `fresh_office` in one of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings

from callcart.contact.messaging.fake import FakeChannel, FakeSms
from callcart.people.tenants.models import Tenant
from tests.conftest import _database
from tests.contact.messaging.office import Office
from tests.contact.routing.floor import build

CHANNELS = {
    "fake_mail": f"{FakeChannel.__module__}.{FakeChannel.__qualname__}",
    "fake_sms": f"{FakeSms.__module__}.{FakeSms.__qualname__}",
}


def _office(slug: str) -> Office:
    office = Office(build(Tenant.objects.get(slug=slug).id))
    office.open_lines()
    return office


@pytest.fixture(autouse=True)
def _channels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(settings, "CALLCART_CHANNELS", CHANNELS)
    yield
    for each in (FakeChannel, FakeSms):
        each.clear()


@pytest.fixture(scope="module")
def file_office(template: str, shared_database: str) -> Iterator[Office]:
    before = settings.CALLCART_CHANNELS
    with _database(template):
        settings.CALLCART_CHANNELS = CHANNELS
        office = _office("harbor")
        settings.CALLCART_CHANNELS = before
        yield office


@pytest.fixture
def office(file_office: Office) -> Office:
    return file_office


@pytest.fixture
def fresh_office(fresh_db: str) -> Office:
    return _office("harbor")


@pytest.fixture
def next_door(fresh_office: Office) -> Office:
    """The shop next door, in the same database."""
    return _office("qinghe")
