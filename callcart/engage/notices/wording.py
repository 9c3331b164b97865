"""What a kind of notice says in this shop, and how it goes: its own texts and switches over those that ship. Changing them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.core.ids import new_id
from callcart.core.sms_length import Length, sms_length
from callcart.engage.notices.fill import filled, problem_of
from callcart.engage.notices.kinds import KINDS, Kind
from callcart.engage.notices.models import Medium, Switch, Template, Way
from callcart.engage.notices.texts import TEXTS

MOST_SMS, MOST_SUBJECT, MOST_MAIL = 600, 150, 5000
LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it is in use. `own`: the shop wrote it."""

    subject: str
    body: str
    own: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its fields filled in; `length` of an SMS only."""

    subject: str
    text: str
    length: Length | None


def wording(kind: str, medium: Medium, language: str) -> Wording:
    """The text in use. NotFound for a kind there is not."""
    _require(kind)
    own = Template.objects.filter(kind=kind, medium=medium, language=language).first()
    if own is not None:
        return Wording(own.subject, own.body, own=True)
    return shipped(kind, medium, language)


def is_own(kind: str) -> bool:
    """Whether the shop wrote any text of this kind itself."""
    return Template.objects.filter(kind=kind).exists()


def shipped(kind: str, medium: Medium, language: str) -> Wording:
    """The text that comes with the product."""
    sms, subject, mail = TEXTS[kind][language if language in TEXTS[kind] else "en"]
    return Wording("", sms, own=False) if medium is Medium.SMS else Wording(subject, mail, own=False)


def fill(found: Wording, medium: Medium, values: Mapping[str, str]) -> Filled:
    """A message as the customer gets it."""
    text, subject = filled(found.body, values), " ".join(filled(found.subject, values).split())
    return Filled(subject, text, sms_length(text) if medium is Medium.SMS else None)


def check(kind: str, medium: Medium, *, subject: str, body: str) -> Wording:
    """A text as it may be kept. Invalid names the field that is wrong, and in it every unknown or missing one of the text."""
    form, about = Fields(), _require(kind)
    mail = medium is Medium.MAIL
    subject = form.line("subject", subject, most=MOST_SUBJECT, required=True) if mail else ""
    body = form.block("body", body, most=MOST_MAIL if mail else MOST_SMS, required=True)
    if body and (said := problem_of(body, may=about.fields, needs=about.needs)):
        form.refuse("body", said)
    if subject and (said := problem_of(subject, may=about.fields, needs=())):
        form.refuse("subject", said)
    form.done()
    return Wording(subject, body, own=True)


def change_wording(
    actor: Actor, kind: str, medium: Medium, language: str, *, subject: str = "", body: str
) -> Wording:
    """Have a kind say something else. NotFound, Invalid, PermissionDenied."""
    actor.require("notices.manage")
    if language not in LANGUAGES:
        raise NotFound
    wanted, before = check(kind, medium, subject=subject, body=body), wording(kind, medium, language)
    Template.objects.update_or_create(
        tenant_id=actor.tenant_id,
        kind=kind,
        medium=medium,
        language=language,
        defaults={"subject": wanted.subject, "body": wanted.body, "changed_at": now()},
        create_defaults={
            "id": new_id(),
            "subject": wanted.subject,
            "body": wanted.body,
            "changed_at": now(),
        },
    )
    _note(actor, "notices.change_wording", kind, before=before.body, after=wanted.body)
    return wanted


def reset_wording(actor: Actor, kind: str, medium: Medium, language: str) -> None:
    """Go back to the text that ships. NotFound, PermissionDenied."""
    actor.require("notices.manage")
    before = wording(kind, medium, language)
    gone, _rows = Template.objects.filter(kind=kind, medium=medium, language=language).delete()
    if gone:
        after = shipped(kind, medium, language).body
        _note(actor, "notices.reset_wording", kind, before=before.body, after=after)


def ways() -> dict[str, Way]:
    """How each kind goes in this shop."""
    own = dict(Switch.objects.values_list("kind", "way"))
    return {kind: Way(own.get(kind, about.way)) for kind, about in KINDS.items()}


def set_way(actor: Actor, kind: str, way: str) -> None:
    """Have a kind go another way, or not at all. NotFound, Invalid, PermissionDenied."""
    actor.require("notices.manage")
    _require(kind)
    form = Fields()
    wanted = form.choice("way", way, [*Way])
    form.done()
    before = ways()[kind]
    Switch.objects.update_or_create(tenant_id=actor.tenant_id, kind=kind, defaults={"way": wanted})
    _note(actor, "notices.set_way", kind, before=before, after=wanted)


def sample(kind: str, *, language: str, shop: str) -> dict[str, str]:
    """Values to show a text with. NotFound."""
    _require(kind)
    return {
        "shop": shop,
        "name": "Ada Lovelace" if language == "en" else "王小明",
        "number": "10427",
        "total": "$48.20" if language == "en" else "¥348.20",
        "due": "$48.20" if language == "en" else "¥348.20",
        "amount": "$12.05" if language == "en" else "¥87.05",
        "link": "https://shop.example/track?number=10427",
        "pay": "https://shop.example/pay/p6kMxQ",
        "items": "2 × Tea\n1 × Cup" if language == "en" else "2 × 茶叶\n1 × 茶杯",
        "carrier": "Speedy" if language == "en" else "速达快递",
        "tracking": "SP20481930",
        "cash": _("Please have %(amount)s ready.") % {"amount": "$48.20" if language == "en" else "¥348.20"},
        "place": "Main Street 4" if language == "en" else "文三路驿站",
        "trouble": _("nobody was there"),
        "day": "Dec 4" if language == "en" else "12月4日",
        "product": "Tea" if language == "en" else "茶叶",
        "decision": _("accepted"),
        "document": "INV-2026-000042",
        "pdf": "https://shop.example/invoice/p6kMxQ",
        "talk": "Ada Lovelace: Do you ship tea?\nBen: We do."
        if language == "en"
        else "王小明:茶叶发货吗?\n小李:可以的。",
    }


def _require(kind: str) -> Kind:
    if kind not in KINDS:
        raise NotFound
    return KINDS[kind]


def _note(actor: Actor, action: str, kind: str, *, before: str, after: str) -> None:
    audit.record(actor, action, before={"kind": kind, "is": before}, after={"kind": kind, "is": after})
    events.emit("notices.wording_changed", data={"kind": kind})
