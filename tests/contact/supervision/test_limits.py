"""Limits of a queue's figures: what colours, what rings, who may set them."""

from __future__ import annotations

import pytest

from callcart.contact.routing import public as routing
from callcart.contact.supervision import public as supervision
from callcart.contact.supervision.models import Limit
from callcart.contact.supervision.states import SHIPPED, Alert, Limits
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from callcart.people.tenants.models import Tenant
from tests.contact.supervision.people import boss_of

SOME = {"waiting_warn": 3, "waiting_alarm": 6, "longest_warn": 30, "level_warn": 90, "level_alarm": 70}


@pytest.mark.parametrize(
    ("name", "value", "alert"),
    [
        ("waiting", 2, Alert.OK),
        ("waiting", 3, Alert.WARN),
        ("waiting", 6, Alert.ALARM),
        ("longest", 30.0, Alert.WARN),
        ("longest", 9999, Alert.WARN),  # no alarm is set
        ("longest", None, Alert.OK),
        ("level", 90.0, Alert.WARN),
        ("level", 90.5, Alert.OK),
        ("level", 70, Alert.ALARM),
        ("ready", 0, Alert.OK),  # nothing is set
    ],
)
def test_a_figure_against_its_limits(name: str, value: float | None, alert: Alert) -> None:
    limits = Limits(
        **{"waiting_warn": None, "waiting_alarm": None, "longest_warn": None, "longest_alarm": None}
        | {"level_warn": None, "level_alarm": None, "ready_warn": None, "ready_alarm": None}
        | SOME
    )
    assert supervision.judged(limits, {name: value})[name] is alert


def test_a_queue_has_its_own_or_those_for_all_or_what_ships(tenant: Tenant) -> None:
    boss = boss_of(tenant.id, new_id())
    queue = routing.add_queue(Actor.system(tenant.id), "sales", name="Sales").id
    assert supervision.limits_by_queue() == {None: SHIPPED}
    supervision.set_limits(boss, None, version=0, values={"waiting_warn": 4})
    supervision.set_limits(boss, queue, version=0, values=SOME)
    found = supervision.limits_by_queue()
    assert (found[None].waiting_warn, found[None].level_warn, found[queue].waiting_alarm) == (4, None, 6)
    supervision.drop_limits(boss, queue)
    assert supervision.own_limits(queue) == (found[None], 0)
    assert AuditEntry.objects.filter(action="supervision.limits").count() == 3


def test_every_wrong_number_is_named_at_once_and_nothing_is_kept(tenant: Tenant) -> None:
    boss = boss_of(tenant.id, new_id())
    values: dict[str, int | str | None] = {
        "waiting_warn": 0, "longest_warn": "soon", "level_warn": 60, "level_alarm": 80, "ready_alarm": -1,
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        supervision.set_limits(boss, None, version=0, values=values)
    assert set(refused.value.fields) == {"waiting_warn", "longest_warn", "level_alarm", "ready_alarm"}
    with pytest.raises(Invalid):
        supervision.set_limits(boss, None, version=0, values={"waiting_warn": 9, "waiting_alarm": 8})
    assert not Limit.objects.exists()


def test_of_two_who_set_them_at_once_the_second_is_told(tenant: Tenant) -> None:
    boss = boss_of(tenant.id, new_id())
    supervision.set_limits(boss, None, version=0, values=SOME)
    with pytest.raises(supervision.ChangedMeanwhile):
        supervision.set_limits(boss, None, version=0, values={"waiting_warn": 1})
    assert supervision.own_limits(None)[0].waiting_warn == 3


def test_not_without_the_right_nor_of_a_queue_that_is_not_there(tenant: Tenant) -> None:
    with pytest.raises(PermissionDenied):
        supervision.set_limits(boss_of(tenant.id, new_id(), only=()), None, version=0, values=SOME)
    with pytest.raises(NotFound):
        supervision.set_limits(boss_of(tenant.id, new_id()), new_id(), version=0, values=SOME)
    assert not Limit.objects.exists()
