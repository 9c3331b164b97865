"""What a password costs whoever guesses at it: outside of the tests, for here it costs next to nothing."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, get_hasher

from callcart.people.staff.passwords import hashed, matches
from tests.conftest import PASSWORD_COST

# Argon2id, the least of the OWASP Password Storage Cheat Sheet: 19 MiB, two rounds.
LEAST_MEMORY_KIB, LEAST_ROUNDS = 19 * 1024, 2


def test_a_stored_password_is_argon2id_at_no_less_than_the_usual_cost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in PASSWORD_COST.items():
        monkeypatch.setattr(Argon2PasswordHasher, name, value)
    stored = hashed("seven green lamps")
    cost = get_hasher().decode(stored)
    assert cost["variety"] == "argon2id"
    assert cost["memory_cost"] >= LEAST_MEMORY_KIB
    assert cost["time_cost"] >= LEAST_ROUNDS
    assert matches("seven green lamps", stored)
    assert not matches("seven green lamp", stored)
