"""The customer's side of the screen: the person, candidates, orders with money and parcels, earlier talks. Rows of the
statement in, values without any full number or mail out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from callcart.commerce.aftersales import public as aftersales
from callcart.core.ids import spoken
from callcart.core.money import Money
from callcart.people.customers.public import mask_email, mask_phone
from callcart.web.desk import labels, written_labels
from callcart.web.desk.moments import at, near
from callcart.web.desk.place import PLACE, one_line
from callcart.web.desk.screen import Candidate, OrderCard, Past, Person, Phone, ReturnCard
from callcart.web.names import in_language
from callcart.web.reader import reader

Json = Mapping[str, Any]


def masked(e164: str) -> str:
    return mask_phone(e164, reader().country)


def person_of(row: Json) -> Person:
    tier = labels.mark(labels.TIER, row["tier"])
    return Person(
        id=row["id"],
        number=row["number"],
        name=row["name"],
        tier_label=tier.text,
        tier_tone=tier.tone,
        category=in_language(row["category"] or "", row["category_zh"] or ""),
        language_label="简体中文" if row["language"].startswith("zh") else "English",
        blocked=row["blocked"],
        blocked_because=row["blocked_because"],
        note=row["note"],
        since=at(row["created_at"]),
        address=one_line(**{name: row["address"][name] for name in PLACE}) if row["address"] else "",
        phones=[Phone(each["id"], masked(each["e164"]), each["label"]) for each in row["phones"] or ()],
        emails=[mask_email(each) for each in row["emails"] or ()],
        flags=[],
    )


def candidate_of(row: Json) -> Candidate:
    tier = labels.mark(labels.TIER, row["tier"])
    last = _("last order %(number)s") % {"number": spoken(row["last_number"])} if row["last_number"] else ""
    return Candidate(row["id"], row["name"], tier.text, tier.tone, str(labels.REASON[row["reason"]]), last)


def order_of(row: Json, *, asks: bool = False) -> OrderCard:
    """An order's card; `asks`: the reader may take in a return, which is offered once something arrived."""
    lines = row["lines"] or ()
    items = _(", ").join(
        (f"{each['quantity']} × " if each["quantity"] > 1 else "")
        + in_language(each["name"], each["name_zh"])
        for each in lines
    )
    states = [labels.mark(labels.PAYMENT, row["payment_state"])]
    parcels = row["parcels"] or ()
    if row["state"] in {"cancelled", "on_hold"}:
        states.insert(0, labels.mark(labels.ORDER, row["state"]))
    elif parcels:
        states.insert(0, labels.mark(labels.PARCEL, parcels[0]["state"]))
    else:
        states.insert(0, labels.mark(labels.FULFILMENT, row["fulfilment_state"]))
    about = ""
    if parcels:
        scanned = _("scanned %(time)s") % {"time": near(at(parcels[0]["at"]))}
        about = " · ".join(
            part
            for part in (_carrier(parcels[0]), parcels[0]["tracking"], parcels[0]["place"], scanned)
            if part
        )
    elif row["held"]:
        names = _(", ").join(in_language(each["name"], each["name_zh"]) for each in row["held"])
        about = _("held in %(places)s") % {"places": names}
    return OrderCard(
        id=row["id"],
        number=row["number"],
        placed_at=at(row["placed_at"]),
        total=Money(int(row["total_minor"]), row["currency"]),
        items=items,
        states=states,
        parcel=about,
        office_url=reverse("office:order", args=[row["id"]]),
        return_url=reverse("office:return_new", args=[row["id"]])
        if asks and any(each["state"] == "delivered" for each in parcels)
        else "",
    )


def _carrier(parcel: Json) -> str:
    """The carrier we know it by in the reader's language; what somebody typed as it was typed."""
    return in_language(parcel["known"] or parcel["carrier"], parcel["known_zh"] or "")


def return_of(row: Json) -> ReturnCard:
    """A case's card."""
    items = _(", ").join(
        (f"{each['quantity']} × " if each["quantity"] > 1 else "")
        + in_language(each["name"], each["name_zh"])
        for each in row["lines"] or ()
    )
    return ReturnCard(
        number=row["number"],
        label=aftersales.kind_label(row["kind"]),
        state=labels.Mark(
            aftersales.state_label(row["state"]), labels.RETURN_TONES.get(row["state"], "grey")
        ),
        items=items,
        at=at(row["state_at"]),
        office_url=reverse("office:return", args=[row["id"]]),
    )


def past_of(row: Json) -> Past:
    outcome = str(labels.END.get(row["end_reason"], "")) if row["end_reason"] != "completed" else ""
    label = (
        in_language(row["about"] or "", row["about_zh"] or "")
        or outcome
        or labels.mark(labels.CONVERSATION, row["state"]).text
    )
    if row["note"]:
        label = _("%(about)s: %(note)s") % {"about": label, "note": row["note"][:120]}
    icon = "phone-outgoing" if row["direction"] == "outbound" else "phone-incoming"
    return Past(
        row["id"],
        icon if row["channel"] == "voice" else written_labels.icon(row["channel"]),
        label,
        at(row["started_at"]),
    )
