"""Mail as it came: kept for a while, then only as the message it became."""

from __future__ import annotations

from datetime import timedelta

from callcart.contact.messaging import jobs
from callcart.contact.messaging.models import Arrival
from callcart.core import files
from callcart.core.clock import now
from callcart.core.tenancy import tenant_transaction
from tests.contact.messaging.office import Office


def _lying(key: str) -> set[str]:
    """The kept files whose names begin like this one's."""
    return {each for each, _written in files.keys_of("arrival", key.split("/")[1])}


def test_what_was_read_is_forgotten_after_a_while_and_what_was_not_stays(office: Office) -> None:
    old, young = now() - jobs.RAW_KEPT - timedelta(hours=1), now() - timedelta(days=1)
    made = (
        ("read", "filed", old),
        ("receipt", "ignored", old),
        ("broken", "dead", old),
        ("young", "filed", young),
    )
    line = office.lines["mail"]
    with tenant_transaction(office.tenant_id):
        keys = {name: files.put(name.encode(), kind="arrival") for name, _state, _at in made}
        for name, state, at in made:
            Arrival.objects.create(line_id=line, external_id=name, state=state, at=at, file_key=keys[name])
        # the same bytes once more, and lately: its file is still wanted
        Arrival.objects.create(
            line_id=line, external_id="again", state="filed", at=young, file_key=keys["receipt"]
        )
    jobs.forget_raw()
    jobs.forget_raw()
    with tenant_transaction(office.tenant_id):
        left = dict(Arrival.objects.exclude(file_key="").values_list("external_id", "file_key"))
        assert left == {name: keys[name] for name in ("broken", "young")} | {"again": keys["receipt"]}
        kept = {name for name, key in keys.items() if key in _lying(key)}
    assert kept == {"receipt", "broken", "young"}
