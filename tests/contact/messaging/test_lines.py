"""A secret that a provider has replaced is kept, sealed; one that somebody has changed meanwhile stays."""

from __future__ import annotations

import json

from callcart.contact.messaging import lines
from callcart.core import tokens
from callcart.core.tenancy import tenant_transaction

from .office import Office


def give(office: Office, **secrets: str) -> None:
    with tenant_transaction(office.tenant_id):
        line = lines.line_by_id(office.lines["mail"])
        line.sealed = tokens.seal("line_secrets", json.dumps(secrets))
        line.save(update_fields=["sealed"])


def test_the_new_one_is_there_next_time(office: Office) -> None:
    give(office, imap_password="p", oauth_refresh_token="r-1")
    facts = lines.facts_of(office.line())
    facts.renew("oauth_refresh_token", ("r-1",), "r-2")
    line = office.line()
    assert lines.secrets_of(line) == {"imap_password": "p", "oauth_refresh_token": "r-2"}
    assert "r-2" not in line.sealed
    assert lines.facts_of(line).values["oauth_refresh_token"] == "r-2"


def test_what_somebody_has_typed_meanwhile_stays(office: Office) -> None:
    give(office, oauth_refresh_token="r-1")
    facts = lines.facts_of(office.line())
    give(office, oauth_refresh_token="typed")
    facts.renew("oauth_refresh_token", ("r-1",), "r-2")
    assert lines.secrets_of(office.line()) == {"oauth_refresh_token": "typed"}
    give(office)
    facts.renew("oauth_refresh_token", ("r-1",), "r-2")
    assert lines.secrets_of(office.line()) == {}
