"""Setting lines up: a mailbox, a number, a chat. A secret once given is sealed and never shown again; leaving its field empty keeps
it. What is changed holds at once: the process that listens looks again within seconds.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import partial
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.messaging.models import Line
from callcart.contact.messaging.states import LineState
from callcart.contact.messaging.transport import Channel, LineFacts, channel_of
from callcart.contact.routing.public import queues
from callcart.core import audit, events, tokens
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, NotFound
from callcart.core.fields import Fields
from callcart.core.tenancy import tenant_transaction
from callcart.core.versions import seen_row

_SEAL = "line_secrets"
MOST = 2000


class LineChanged(Conflict):
    """Somebody changed this line meanwhile. Look again, then save."""

    code = "messaging.line_changed"


class AddressTaken(Conflict):
    """Another line has this address."""

    code = "messaging.address_taken"


def all_lines() -> list[Line]:
    """Every line, those in use first."""
    return list(Line.objects.order_by("-is_active", "channel", "name", "id"))


def line_by_id(line_id: UUID) -> Line:
    """One line. Raises NotFound."""
    found = Line.objects.filter(id=line_id).first()
    if found is None:
        raise NotFound
    return found


def add_line(
    actor: Actor,
    kind: str,
    *,
    name: str,
    address: str,
    queue_id: UUID,
    values: Mapping[str, str],
    language: str = "",
) -> Line:
    """Add a line of an installed channel. `values` are its settings, secrets among them. Raises Invalid, AddressTaken,
    NotFound (no such channel)."""
    actor.require("messaging.lines")
    line = Line(kind=kind, channel=channel_of(kind).channel)
    return _write(actor, line, name, address, queue_id, values, language)


def change_line(
    actor: Actor,
    line_id: UUID,
    *,
    version: int,
    name: str,
    address: str,
    queue_id: UUID,
    values: Mapping[str, str],
    language: str = "",
) -> Line:
    """Change a line. Raises as add_line, and LineChanged where it is not the version that was looked at."""
    actor.require("messaging.lines")
    line = seen_row(Line.objects.select_for_update(), line_id, version, stale=LineChanged)
    line.version += 1
    return _write(actor, line, name, address, queue_id, values, language)


def switch_line(actor: Actor, line_id: UUID, *, on: bool) -> None:
    """Use a line, or not: nothing is read from it and nothing leaves by it; what waits to leave goes on waiting."""
    actor.require("messaging.lines")
    line = seen_row(Line.objects.select_for_update(), line_id, None)
    if line.is_active == on:
        return
    line.is_active = on
    line.version += 1
    line.save(update_fields=["is_active", "version"])
    audit.record(actor, "messaging.switch_line", subject=("line", line.id), after={"on": on})
    _tell(line)


def facts_of(line: Line) -> LineFacts:
    """A line as its channel gets it, secrets opened."""
    return LineFacts(
        id=line.id,
        tenant_id=line.tenant_id,
        address=line.address,
        name=line.name,
        values={**line.values, **secrets_of(line)},
        cursor=line.cursor,
        renew=partial(renew_secret, line.tenant_id, line.id),
    )


def renew_secret(tenant_id: int, line_id: UUID, name: str, olds: Collection[str], new: str) -> None:
    """A provider has replaced a secret of a line (a refresh token, RFC 6749, 6). Where it is another one by now, somebody has changed it, and
    it stays. In a transaction of its own."""
    with tenant_transaction(tenant_id):
        line = Line.objects.select_for_update(no_key=True).filter(id=line_id).first()
        secrets = secrets_of(line) if line is not None else {}
        if line is None or secrets.get(name) not in olds:
            return
        line.sealed = tokens.seal(_SEAL, json.dumps({**secrets, name: new}))
        line.save(update_fields=["sealed"])


def secrets_of(line: Line) -> dict[str, str]:
    """A line's secrets. Raises ValueError where they were sealed with another installation's key."""
    opened: dict[str, str] = json.loads(tokens.unseal(_SEAL, line.sealed)) if line.sealed else {}
    return opened


def kept_secrets(line: Line) -> frozenset[str]:
    """The names of the secrets that are there."""
    return frozenset(secrets_of(line))


def try_line(actor: Actor, line_id: UUID) -> str:
    """Try a line out with its provider; what is wrong, in words, or empty. Outside of any transaction. Raises NotFound."""
    actor.require("messaging.lines")
    with tenant_transaction(actor.tenant_id):
        line = line_by_id(line_id)
        channel, facts = channel_of(line.kind), facts_of(line)
    words = channel.check(facts)
    with tenant_transaction(actor.tenant_id):
        note_state(line_id, LineState.DOWN if words else LineState.UP, words)
        audit.record(actor, "messaging.try_line", subject=("line", line_id), after={"words": words})
    return words


def note_state(line_id: UUID, state: LineState, words: str = "") -> None:
    """What a line says of itself; told only where it is news."""
    moved = (
        Line.objects.filter(id=line_id)
        .exclude(state=state, words=words[:300])
        .update(state=state, words=words[:300], changed_at=now())
    )
    if moved:
        events.emit("line.state", subject=("line", line_id), data={"line_id": line_id, "state": state})


def _write(
    actor: Actor,
    line: Line,
    name: str,
    address: str,
    queue_id: UUID,
    values: Mapping[str, str],
    language: str,
) -> Line:
    channel, fields = channel_of(line.kind), Fields()
    before = {"name": line.name, "address": line.address, "queue_id": line.queue_id, **line.values}
    line.name = fields.line("name", name, most=120, required=True)
    line.address = _address(channel, fields, address)
    if queue_id not in {queue.id for queue in queues()}:
        fields.refuse("queue", _("Choose a queue."))
    line.queue_id, line.language = queue_id, language
    plain, secrets = _values(channel, fields, values, secrets_of(line) if line.sealed else {})
    fields.done()
    taken = Line.objects.filter(channel=line.channel, address=line.address).exclude(id=line.id)
    if taken.exists():
        raise AddressTaken
    line.values = plain
    line.sealed = tokens.seal(_SEAL, json.dumps(secrets)) if secrets else ""
    line.save()
    after = {"name": line.name, "address": line.address, "queue_id": line.queue_id, **line.values}
    audit.record(actor, "messaging.line", subject=("line", line.id), before=before, after=after)
    _tell(line)
    return line


def _address(channel: Channel, fields: Fields, text: str) -> str:
    typed = fields.line("address", text, most=320, required=True)
    try:
        return channel.address(typed) if typed else ""
    except ValueError:
        fields.refuse("address", _("This is not an address of this kind."))
        return ""


def _values(
    channel: Channel, fields: Fields, values: Mapping[str, str], kept: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What was filled in, checked: plain settings and secrets."""
    plain: dict[str, str] = {}
    secrets = dict(kept)
    for setting in channel.settings:
        text = fields.line(setting.name, values.get(setting.name, ""), most=MOST)
        if setting.secret and not text:
            text = kept.get(setting.name, "")
        if not text:
            if setting.required:
                fields.refuse(setting.name, _("Please fill this in."))
            continue
        if setting.choices and text not in dict(setting.choices):
            fields.refuse(setting.name, _("This cannot be right."))
        try:
            setting.read(text)
        except ValueError:
            fields.refuse(setting.name, _("This cannot be right."))
        (secrets if setting.secret else plain)[setting.name] = text
    return plain, secrets


def _tell(line: Line) -> None:
    events.emit("line.changed", subject=("line", line.id), audience="process", data={"line_id": line.id})
