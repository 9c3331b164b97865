"""Customers from files and into files. New ones are made many at a time, by the rules of `profile.create_customer`; existing
ones are found by their number, else by telephone, else by mail, and get what the file says differently. Empty cells change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.core import audit, events, ids, many
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.exchange.public import (
    Column,
    Did,
    Done,
    Importer,
    Kind,
    Outcome,
    Place,
    Sheet,
    Unit,
    refused,
    register,
)
from callcart.core.fields import Fields
from callcart.people.customers import addresses, exporting, reach
from callcart.people.customers.models import Address, Category, Customer, Email, Phone, Tier
from callcart.people.customers.numbers import digits_of, read_phone
from callcart.people.customers.profile import CONSENTS, LANGUAGES, MOST_NAME, MOST_NOTE

_MASKED = ("*", "•")
_TIERS = {
    "standard": "standard",
    "silver": "silver",
    "gold": "gold",
    "vip": "vip",
    "普通": "standard",
    "银卡": "silver",
    "金卡": "gold",
}
_LANGUAGES = {"en": "en", "english": "en", "英文": "en", "英语": "en", "zh": "zh-hans", "zh-cn": "zh-hans", "zh-hans": "zh-hans",
              "chinese": "zh-hans", "中文": "zh-hans", "简体中文": "zh-hans"}  # fmt: skip
_PLACE = ("country", "province", "city", "district", "street", "postcode")
_PLAIN = ("name", "tier", "language", "note", "category_id", "consent")

SHEET = Sheet(
    key="customers",
    label=gettext_lazy("Customers"),
    unit=("number", "phone", "email"),
    columns=(
        Column("number", gettext_lazy("Customer number"), most=40, example="10048",
               names=("customer id", "customer code", "client id", "member id", "customer no", "会员编号", "客户编号", "会员号", "客户代码")),
        Column("name", gettext_lazy("Name"), most=MOST_NAME, example="Ada Example",
               names=("full name", "customer name", "client name", "customer", "姓名", "客户名称", "会员姓名", "客户姓名", "收货人")),
        Column("phone", gettext_lazy("Phone"), most=80, example="(212) 555-0142",
               names=("telephone", "mobile", "cell", "phone number", "tel", "手机", "手机号", "电话", "联系电话", "手机号码")),
        Column("email", gettext_lazy("E-mail"), most=254, names=("mail", "email address", "e-mail address", "邮箱", "电子邮箱", "邮件")),
        Column("tier", gettext_lazy("Tier"), Kind.CHOICE, choices=_TIERS, names=("level", "grade", "会员等级", "等级", "级别")),
        Column("category", gettext_lazy("Category code"), most=40, names=("category", "customer type", "group", "customer group", "客户类别", "客户类型", "分组")),
        Column("language", gettext_lazy("Language"), Kind.CHOICE, choices=_LANGUAGES, names=("locale", "lang", "语言")),
        Column("note", gettext_lazy("Note"), most=MOST_NOTE, lines=True, names=("remark", "remarks", "comment", "comments", "备注", "说明")),
        *(
            Column(f"consent_{way}", label, Kind.YES_NO, names=names)
            for way, label, names in (
                ("call", gettext_lazy("May be called"), ("call consent", "同意致电", "接受来电")),
                ("sms", gettext_lazy("May get SMS"), ("sms consent", "sms opt in", "同意短信", "接受短信")),
                ("email", gettext_lazy("May get e-mail"), ("email consent", "newsletter", "email opt in", "同意邮件", "接受邮件")),
            )
        ),
        Column("country", gettext_lazy("Country"), most=2, example="US", names=("country code", "国家", "国家代码")),
        Column("province", gettext_lazy("State or province"), most=100, names=("state", "province", "region", "customer_state", "省", "省份", "州")),
        Column("city", gettext_lazy("City"), most=100, names=("town", "customer_city", "市", "城市")),
        Column("district", gettext_lazy("District"), most=100, names=("county", "area", "区", "区县")),
        Column("street", gettext_lazy("Street"), most=300, names=("address", "address 1", "street address", "address line 1", "地址", "详细地址", "街道")),
        Column("postcode", gettext_lazy("Postcode"), most=20, names=("zip", "zip code", "postal code", "zipcode", "邮编", "邮政编码")),
    ),
    prepare=lambda values, place: _prepare(values, place),
)  # fmt: skip


def _prepare(values: dict[str, Any], place: Place) -> list[list[str]]:
    """Numbers in E.164 and mails folded, so that the same one written in two ways is one. Masked ones, as an export without
    the right to see them holds, say nothing."""
    problems: list[list[str]] = []
    for key in ("phone", "email"):
        if any(sign in values.get(key, "") for sign in _MASKED):
            values.pop(key)
    if raw := values.get("phone"):
        found = read_phone(raw.removeprefix("'"), place.country) if len(raw) <= 40 else None
        if found is None:
            problems.append(["phone", _("This is not a telephone number.")])
        else:
            values["phone"] = found.e164
    if raw := values.get("email"):
        form = Fields()
        values["email"] = form.email("email", raw)
        problems += [["email", text] for text in form.wrong.values()]
    number = values.get("number")
    if number and (not number.isprintable() or " " in number):
        problems.append(["number", _("A number holds no blanks.")])
    if not any(values.get(key) for key in ("number", "name", "phone", "email")) and not problems:
        problems.append(["name", _("Give a name, a phone number or an e-mail address.")])
    return problems


@dataclass(slots=True)
class _Batch:
    """What the database knows of the customers of a batch."""

    by_key: dict[str, set[UUID]] = field(default_factory=dict)
    rows: dict[UUID, Customer] = field(default_factory=dict)
    phones: dict[UUID, set[str]] = field(default_factory=dict)
    emails: dict[UUID, set[str]] = field(default_factory=dict)
    places: dict[UUID, set[tuple[str, str, str]]] = field(default_factory=dict)
    categories: dict[str, UUID] = field(default_factory=dict)


def apply(actor: Actor, units: Sequence[Unit], place: Place, trial: bool) -> list[Outcome]:
    """One outcome a customer; new ones in few statements."""
    actor.require("customers.edit")
    known = _look_up(units)
    outcomes: list[Outcome | None] = []
    fresh: list[tuple[int, Unit]] = []
    for place_in_batch, unit in enumerate(units):
        found = _match(known, unit.values)
        if isinstance(found, str):
            outcomes.append(refused(found, "phone" if unit.values.get("phone") else "email"))
        elif (wrong := _wrong(known, unit.values, place)) is not None:
            outcomes.append(wrong)
        elif found is None:
            outcomes.append(None)
            fresh.append((place_in_batch, unit))
        else:
            outcomes.append(_change(actor, known, found, unit.values, place, trial))
    made = [None] * len(fresh) if trial else _make(actor, known, [unit for _n, unit in fresh], place)
    for (place_in_batch, _unit), customer_id in zip(fresh, made, strict=True):
        outcomes[place_in_batch] = Outcome(Did.MADE, customer_id, after={"version": 1})
    return [each for each in outcomes if each is not None]


def _look_up(units: Sequence[Unit]) -> _Batch:
    known = _Batch()
    keys = {key: [u.values[key] for u in units if u.values.get(key)] for key in ("number", "phone", "email")}
    numbers = Customer.objects.filter(number__in=keys["number"]).values_list("number", "id")
    phones = Phone.objects.filter(e164__in=keys["phone"]).values_list("e164", "customer_id")
    emails = Email.objects.filter(address__in=keys["email"]).values_list("address", "customer_id")
    for kind, pairs in (("number", numbers), ("phone", phones), ("email", emails)):
        for key, customer_id in pairs if keys[kind] else ():
            known.by_key.setdefault(f"{kind}:{key}", set()).add(customer_id)
    found = {customer_id for group in known.by_key.values() for customer_id in group}
    if found:
        rows = Customer.objects.select_for_update(no_key=True).filter(id__in=found).order_by("id")
        known.rows = {row.id: row for row in rows}
        for customer_id, e164 in Phone.objects.filter(customer__in=found).values_list("customer_id", "e164"):
            known.phones.setdefault(customer_id, set()).add(e164)
        for customer_id, mail in Email.objects.filter(customer__in=found).values_list(
            "customer_id", "address"
        ):
            known.emails.setdefault(customer_id, set()).add(mail)
        addresses_ = Address.objects.filter(customer__in=found)
        for customer_id, *where in addresses_.values_list("customer_id", "street", "city", "postcode"):
            known.places.setdefault(customer_id, set()).add((where[0], where[1], where[2]))
    if any(unit.values.get("category") for unit in units):
        known.categories = dict(Category.objects.values_list("code", "id"))
    return known


def _match(known: _Batch, values: Mapping[str, Any]) -> Customer | str | None:
    """The customer meant, None for a new one, or why it cannot be told."""
    if number := values.get("number"):
        found = known.by_key.get(f"number:{number}")
        return known.rows[next(iter(found))] if found else None
    for key in ("phone", "email"):
        if value := values.get(key):
            found = known.by_key.get(f"{key}:{value}", set())
            if len(found) > 1:
                return _("Several customers have this; say which by the customer number.")
            if found:
                return known.rows[next(iter(found))]
    return None


def _wrong(known: _Batch, values: Mapping[str, Any], place: Place) -> Outcome | None:
    code = values.get("category")
    if code and code not in known.categories:
        return refused(_("There is no category of this code."), "category")
    if values.get("street"):
        country = str(values.get("country") or place.country).upper()
        for name in addresses.required_fields(country) - {"name"}:
            if not values.get(name):
                return refused(_("An address of this country needs it."), name)
    return None


def _plain_values(
    known: _Batch, values: Mapping[str, Any], actor: Actor, old: Customer | None
) -> dict[str, Any]:
    """The fields of a customer that a row says something about."""
    given: dict[str, Any] = {
        key: values[key] for key in ("name", "tier", "language", "note") if key in values
    }
    if values.get("category"):
        given["category_id"] = known.categories[values["category"]]
    consent = dict(old.consent) if old else {}
    for way in CONSENTS:
        said = values.get(f"consent_{way}")
        if said is not None and consent.get(way, {}).get("given") is not said:
            consent[way] = {"given": said, "at": now().isoformat(), "channel": actor.channel}
    if consent != (old.consent if old else {}):
        given["consent"] = consent
    return given


def _change(
    actor: Actor, known: _Batch, customer: Customer, values: Mapping[str, Any], place: Place, trial: bool
) -> Outcome:
    given = {
        key: value
        for key, value in _plain_values(known, values, actor, customer).items()
        if getattr(customer, key) != value
    }
    phone, email = values.get("phone"), values.get("email")
    new_phone = phone if phone and phone not in known.phones.get(customer.id, ()) else ""
    new_email = email if email and email not in known.emails.get(customer.id, ()) else ""
    where = (values.get("street", ""), values.get("city", ""), values.get("postcode", ""))
    new_place = bool(values.get("street")) and where not in known.places.get(customer.id, ())
    changes: dict[str, tuple[Any, Any]] = {
        key: (getattr(customer, key), value) for key, value in given.items()
    }
    changes |= {key: ("", value) for key, value in (("phone", new_phone), ("email", new_email)) if value}
    if new_place:
        changes["street"] = ("", values["street"])
    if not changes:
        return Outcome(Did.UNCHANGED, customer.id)
    before: dict[str, Any] = {key: getattr(customer, key) for key in given}
    if not trial:
        before |= _write_change(
            actor, customer, given, new_phone, new_email, values if new_place else {}, place
        )
    return Outcome(
        Did.CHANGED, customer.id, before=before, after={"version": customer.version}, changes=changes
    )


def _write_change(
    actor: Actor,
    customer: Customer,
    given: Mapping[str, Any],
    phone: str,
    email: str,
    where: Mapping[str, Any],
    place: Place,
) -> dict[str, Any]:
    """Write what is different; ways to reach somebody by their own verbs, which warn the customer."""
    added: dict[str, Any] = {}
    if phone:
        added["phone_added"] = str(reach.add_phone(actor, customer.id, phone).id)
    if email:
        added["email_added"] = str(reach.add_email(actor, customer.id, email).id)
    if where:
        added["address_added"] = str(
            addresses.add_address(
                actor, customer.id, **_address(where, str(where.get("name") or customer.name), place)
            ).id
        )
    if added:
        customer.refresh_from_db()
    if given:
        before = {key: getattr(customer, key) for key in given}
        for key, value in given.items():
            setattr(customer, key, value)
        customer.version, customer.updated_at = customer.version + 1, now()
        customer.set_search(customer.name, customer.number)
        customer.save()
        entry = audit.Entry(("customer", customer.id), before, given)
        audit.record_many(actor, "customers.update", [entry])
        events.emit_many("customer.changed", "customer", [customer.id])
    return added


def _address(values: Mapping[str, Any], name: str, place: Place) -> dict[str, Any]:
    given = {key: str(values.get(key, "")) for key in _PLACE}
    given["country"] = given["country"].upper() or place.country
    return given | {"name": name or "–", "phone": str(values.get("phone", ""))}


def _make(actor: Actor, known: _Batch, units: Sequence[Unit], place: Place) -> list[UUID]:
    """New customers, in few statements: themselves, numbers, mails, addresses, audit, events."""
    if not units:
        return []
    numbers = iter(ids.next_numbers("customer", sum(not unit.values.get("number") for unit in units)))
    rows, phones, emails, places = [], [], [], []
    for unit in units:
        values = unit.values
        customer = many.build(
            Customer,
            number=values.get("number") or next(numbers),
            source="import",
            **({"language": place.language if place.language in LANGUAGES else "en", "tier": Tier.STANDARD}
               | _plain_values(known, values, actor, None)),
        )  # fmt: skip
        customer.set_search(customer.name, customer.number)
        rows.append(customer)
        if e164 := values.get("phone"):
            tail = digits_of(e164)[::-1]
            mine = {"customer_id": customer.id, "is_primary": True}
            phones.append(many.build(Phone, e164=e164, tail=tail, opens_from=now(), **mine))
        if mail := values.get("email"):
            emails.append(many.build(Email, customer_id=customer.id, address=mail, is_primary=True))
        if values.get("street"):
            where = _address(values, customer.name, place)
            places.append(many.build(Address, customer_id=customer.id, is_default=True, **where))
    ids.keep_ahead("customer", (unit.values.get("number", "") for unit in units))
    many.insert(rows)
    many.insert(phones)
    many.insert(emails)
    many.insert(places)
    audit.record_many(
        actor,
        "customers.create",
        [audit.Entry(("customer", row.id), after={"number": row.number}) for row in rows],
    )
    events.emit_many("customer.created", "customer", [row.id for row in rows])
    return [row.id for row in rows]


def built_on(done: Sequence[Done]) -> dict[UUID, str]:
    """Customers that were changed since, by anybody."""
    wanted = {each.subject: int(each.after.get("version", 1)) for each in done}
    rows = Customer.objects.filter(id__in=wanted).values_list("id", "version", "number")
    return {
        customer_id: _("Customer %(number)s was changed since.") % {"number": number}
        for customer_id, version, number in rows
        if version != wanted[customer_id]
    }


def undo(actor: Actor, done: Sequence[Done]) -> None:
    """Remove who was made, and give back to the others what they had."""
    actor.require("customers.edit")
    made = [each.subject for each in done if each.did is Did.MADE]
    Customer.objects.filter(id__in=made).delete()
    audit.record_many(actor, "customers.undo_import", [audit.Entry(("customer", each)) for each in made])
    for each in done:
        if each.did is not Did.CHANGED:
            continue
        for key, kind in (("phone_added", Phone), ("email_added", Email), ("address_added", Address)):
            if added := each.before.get(key):
                _take_off(actor, kind, UUID(added))
        customer = Customer.objects.select_for_update(no_key=True).filter(id=each.subject).first()
        if customer is not None and (
            fields := {key: each.before[key] for key in _PLAIN if key in each.before}
        ):
            for key, value in fields.items():
                setattr(customer, key, UUID(value) if key == "category_id" and value else value)
            customer.version += 1
            customer.set_search(customer.name, customer.number)
            customer.save()
            audit.record_many(
                actor, "customers.undo_import", [audit.Entry(("customer", customer.id), after=fields)]
            )
            events.emit_many("customer.changed", "customer", [customer.id])


def _take_off(actor: Actor, kind: type[Phone] | type[Email] | type[Address], way_id: UUID) -> None:
    remove = {Phone: reach.remove_phone, Email: reach.remove_email, Address: addresses.remove_address}[kind]
    if kind.objects.filter(id=way_id).exists():
        remove(actor, way_id)


IMPORTER = register(
    Importer(
        kind="customers",
        label=gettext_lazy("Customers"),
        about=gettext_lazy("Names, telephone numbers, mail addresses, addresses, and what each agreed to."),
        icon="users",
        sheets=(SHEET,),
        permissions=("customers.edit",),
        see=("customers.view",),
        apply=apply,
        built_on=built_on,
        undo=undo,
        export=exporting.export,
        by_day=True,
    )
)
