"""Staff, roles, service numbers and host names in the office: what is refused stands at its field and changes nothing."""

from __future__ import annotations

from typing import Any

from callcart.contact.routing.models import Queue
from callcart.contact.routing.public import save_profile
from callcart.people.staff.models import Role, Session, Staff
from callcart.people.staff.public import log_in
from callcart.people.tenants.models import ServiceNumber, Tenant
from callcart.people.tenants.public import add_service_number
from tests.web.office.office import Office, field_error, words


def _member(office: Office, key: str, **changes: Any) -> dict[str, Any]:
    person = Staff.objects.get(id=office.staff[key].id)
    values = {"version": person.version, "name": person.name, "email": person.email, "language": "en"}
    return values | {"roles": [str(role.id) for role in person.roles.all()]} | changes


def test_a_person_is_changed_and_a_taken_mail_address_is_marked(office: Office) -> None:
    client, address = office.client(), f"/office/staff/{office.staff['agent'].id}"
    taken = client.post(address, _member(office, "agent", email="finance@harbor.example", name="Amy Example"))
    assert taken.status_code == 422 and field_error(taken, "email")
    assert 'value="Amy Example"' in taken.content.decode()
    roles = [str(Role.objects.get(key=key).id) for key in ("agent", "warehouse")]
    assert client.post(address, _member(office, "agent", name="Amy Example", roles=roles)).status_code == 303
    person = Staff.objects.get(id=office.staff["agent"].id)
    assert person.name == "Amy Example" and {role.key for role in person.roles.all()} == {
        "agent",
        "warehouse",
    }


def test_an_outdated_form_of_a_person_changes_nothing(office: Office) -> None:
    address = f"/office/staff/{office.staff['agent'].id}"
    refused = office.client().post(address, _member(office, "agent", version=99, name="Other"))
    assert refused.status_code == 409 and "What you typed is kept" in words(refused)
    assert Staff.objects.get(id=office.staff["agent"].id).name == "Agent Example"


def test_a_new_password_signs_out_everywhere_and_a_weak_one_is_refused(office: Office) -> None:
    amy = office.staff["agent"]
    office.client("agent")
    client, address = office.client(), f"/office/staff/{amy.id}/password"
    weak = client.post(address, {"password": "short"})
    assert weak.status_code == 422 and field_error(weak, "password")
    assert '<dialog id="password"' in weak.content.decode() and "data-now" in weak.content.decode()
    assert Session.objects.filter(staff=amy, revoked_at=None).exists()
    assert client.post(address, {"password": "another long sentence"}).status_code == 303
    assert not Session.objects.filter(staff=amy, revoked_at=None).exists()
    assert log_in(amy.tenant_id, amy.email, "another long sentence")[0] == amy


def test_a_session_is_ended_only_through_its_own_person(office: Office) -> None:
    office.client("agent")
    session = Session.objects.get(staff=office.staff["agent"])
    client = office.client()
    assert client.post(f"/office/staff/{office.staff['finance'].id}/sessions/{session.id}").status_code == 404
    assert Session.objects.get(id=session.id).revoked_at is None
    assert client.post(f"/office/staff/{office.staff['agent'].id}/sessions/{session.id}").status_code == 303
    assert Session.objects.get(id=session.id).revoked_at is not None


def test_the_last_administrator_stays_and_the_page_says_why(office: Office) -> None:
    refused = office.client().post(f"/office/staff/{office.staff['owner'].id}/switch", {"reason": "leaves"})
    assert refused.status_code == 409 and "last person who can manage staff" in words(refused)
    assert Staff.objects.get(id=office.staff["owner"].id).is_active


def test_a_role_holds_limits_as_money_and_scopes_as_places(office: Office) -> None:
    client = office.client()
    made = client.post(
        "/office/roles/new",
        {
            "name": "Refund desk", "grant": ["payments.refund", "orders.view", "inventory.adjust"],
            "limit-payments.refund": "150.00", "regions-orders.view": "New York, Oregon", "scope-inventory.adjust": "west",
        },
    )  # fmt: skip
    assert made.status_code == 303
    role = Role.objects.get(name="Refund desk")
    assert role.grants == {
        "payments.refund": {"limit": 15000},
        "orders.view": {"scope": "New York, Oregon"},
        "inventory.adjust": {"scope": "west"},
    }
    page = client.get(f"/office/roles/{role.id}").content.decode()
    assert 'name="limit-payments.refund" value="150.00"' in page
    assert 'name="regions-orders.view" value="New York, Oregon"' in page
    assert '<option value="west" selected>West</option>' in page


def test_a_limit_that_is_no_amount_is_marked_and_the_form_kept(office: Office) -> None:
    role = Role.objects.get(key="supervisor")
    refused = office.client().post(
        f"/office/roles/{role.id}",
        {"version": role.version, "name": "Boss", "grant": ["payments.refund"], "limit-payments.refund": "much"},
    )  # fmt: skip
    assert refused.status_code == 422
    page = refused.content.decode()
    assert 'value="much"' in page and 'value="Boss"' in page and "Give an amount" in page
    assert Role.objects.get(key="supervisor").name == "Supervisor"


def test_a_role_in_use_is_not_removed(office: Office) -> None:
    role = Role.objects.get(key="agent")
    refused = office.client().post(f"/office/roles/{role.id}/remove")
    assert refused.status_code == 409 and "Somebody still has this role" in words(refused)
    assert Role.objects.filter(key="agent").exists()


def test_an_outdated_role_changes_nothing(office: Office) -> None:
    role = Role.objects.get(key="agent")
    refused = office.client().post(
        f"/office/roles/{role.id}", {"version": role.version + 3, "name": "Other", "grant": []}
    )
    assert refused.status_code == 409 and "What you typed is kept" in words(refused)
    assert Role.objects.get(key="agent").name == "Agent"


def test_a_wrong_service_number_is_marked_in_its_own_form(office: Office) -> None:
    add_service_number(office.boss, "+12025550100", name="Customer service")
    client = office.client()
    taken = client.post("/office/numbers", {"number": "+1 202 555 0100", "name": "Twice"})
    assert taken.status_code == 409 and field_error(taken, "number")
    number = ServiceNumber.objects.get()
    wrong = client.post(f"/office/numbers/{number.id}", {"name": "", "queue": "", "is_active": "1"})
    assert wrong.status_code == 422 and field_error(wrong, "name") == "Give a name of at most 100 characters."
    assert wrong.content.decode().count("Give a name of at most 100 characters.") == 1
    assert ServiceNumber.objects.get().name == "Customer service"


def test_a_wrong_host_name_is_marked_at_its_field(office: Office) -> None:
    client = office.client()
    assert field_error(client.post("/office/settings/hosts", {"host": "not a host"}), "host")
    taken = client.post("/office/settings/hosts", {"host": "qinghe.localhost"})
    assert taken.status_code == 409 and field_error(taken, "host")
    assert client.post("/office/settings/hosts", {"host": "tea.example"}).status_code == 303
    assert "tea.example" in words(client.get("/office/settings"))


def test_settings_errors_stand_at_their_fields_and_keep_what_was_typed(office: Office) -> None:
    page = office.client().post(
        "/office/settings",
        {"version": "1", "name": "", "currency": "EURO", "timezone": "Mars/Base", "language": "en", "country": "US",
         "wrap_up_seconds": "soon"},
    )  # fmt: skip
    assert page.status_code == 422
    for name in ("name", "currency", "timezone"):
        assert field_error(page, name), name
    assert 'value="Mars/Base"' in page.content.decode()


def test_all_that_is_wrong_in_the_settings_is_said_at_once(office: Office) -> None:
    before = Tenant.objects.get(id=office.boss.tenant_id)
    page = office.client().post(
        "/office/settings",
        {"version": "1", "name": "", "currency": "EURO", "timezone": "Mars/Base", "language": "en", "country": "US",
         "wrap_up_seconds": "soon", "ring_seconds": "20", "sticky_seconds": "-1", "service_level_seconds": "20",
         "service_level_percent": "200", "late_chat_minutes": "0", "languages": [], "hours_0": "nine to five", "hours_3": "18:00-09:00"},
    )  # fmt: skip
    assert page.status_code == 422
    said = {name for name in (
        "name", "name_zh", "currency", "timezone", "country", "wrap_up_seconds", "ring_seconds", "sticky_seconds",
        "service_level_seconds", "service_level_percent", "late_chat_minutes", "late_mail_minutes", "hours_0", "hours_1",
        "hours_3",
    ) if field_error(page, name)}  # fmt: skip
    assert said == {
        "name", "currency", "timezone", "wrap_up_seconds", "sticky_seconds", "service_level_percent",
        "late_chat_minutes", "hours_0", "hours_3",
    }  # fmt: skip
    assert "Choose at least one of the languages offered." in words(page)
    after = Tenant.objects.get(id=office.boss.tenant_id)
    assert (after.version, after.name, after.settings) == (before.version, before.name, before.settings)


def test_a_wrong_day_alone_leaves_the_settings_as_they_were(office: Office) -> None:
    before = Tenant.objects.get(id=office.boss.tenant_id)
    form = {"name": "Renamed", "currency": "USD", "timezone": "America/New_York", "language": "en", "country": "US",
            "wrap_up_seconds": "9", "ring_seconds": "20", "sticky_seconds": "0", "service_level_seconds": "20",
            "service_level_percent": "80", "languages": ["en"], "version": str(before.version)}  # fmt: skip
    refused = office.client().post("/office/settings", form | {"hours_0": "always"})
    assert refused.status_code == 422 and field_error(refused, "hours_0")
    assert Tenant.objects.get(id=before.id).name == before.name
    assert office.client().post("/office/settings", form | {"hours_0": "09:00-18:00"}).status_code == 303
    assert Tenant.objects.get(id=before.id).name == "Renamed"


def test_all_that_is_wrong_of_a_person_is_said_at_once(office: Office) -> None:
    new = office.client().post("/office/staff/new", {"name": "", "email": "nobody", "password": "short"})
    assert new.status_code == 422
    assert all(field_error(new, name) for name in ("name", "email", "password"))
    profile = save_profile(office.boss, "all", name="All", queues={})
    old = office.client().post(
        f"/office/staff/{office.staff['agent'].id}",
        _member(office, "agent", name="", profile=str(profile.id), skills=["juggling"]),
    )
    assert old.status_code == 422 and field_error(old, "name") and "Unknown: juggling" in words(old)
    assert not Staff.objects.filter(name="").exists()


def test_all_that_is_wrong_of_a_role_is_said_at_once(office: Office) -> None:
    role = Role.objects.get(key="supervisor")
    refused = office.client().post(
        f"/office/roles/{role.id}",
        {"version": role.version, "name": "", "grant": ["payments.refund", "orders.view"],
         "limit-payments.refund": "much", "regions-orders.view": "<all>"},
    )  # fmt: skip
    assert refused.status_code == 422
    assert field_error(refused, "name") and "Give an amount" in words(refused)
    assert "This permission cannot be narrowed in this way." in words(refused)
    assert Role.objects.get(key="supervisor").grants == role.grants


def test_all_that_is_wrong_of_a_queue_or_a_number_is_said_at_once(office: Office) -> None:
    client = office.client()
    queue = client.post(
        "/office/queues/new",
        {"code": "vip", "name": "", "priority": "high", "ring_s": "0", "wrap_s": "60", "sticky_s": "20",
         "target_s": "20", "relax_s": "never"},
    )  # fmt: skip
    assert queue.status_code == 422 and not Queue.objects.filter(code="vip").exists()
    said = [
        name
        for name in ("name", "priority", "ring_s", "wrap_s", "target_s", "relax_s")
        if field_error(queue, name)
    ]
    assert said == ["name", "priority", "ring_s", "relax_s"]
    number = client.post(
        "/office/numbers", {"number": "twelve", "name": "", "queue": "nowhere", "greeting": "nothing"}
    )
    assert number.status_code == 422
    assert all(field_error(number, name) for name in ("number", "name", "queue", "greeting"))
