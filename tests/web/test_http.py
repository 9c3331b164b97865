"""What forms say, read by the same few functions everywhere."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from callcart.web.http import units_typed, version_seen


@pytest.mark.parametrize(
    ("typed", "version"),
    [("3", 3), ("", 0), ("-1", 0), ("x", 0), ("²", 0), ("٣", 0), ("9" * 5000, 0)],
)
def test_a_version_that_is_none_is_one_that_nothing_has(typed: str, version: int) -> None:
    assert version_seen(RequestFactory().post("/", {"version": typed})) == version
    assert version_seen(RequestFactory().post("/")) == 0


@pytest.mark.parametrize(("typed", "units"), [("", 0), (" 0 ", 0), ("12", 12), ("1.5", -1), ("9999999", -1)])
def test_units_that_are_no_number_are_refused_by_every_rule(typed: str, units: int) -> None:
    assert units_typed(typed) == units
