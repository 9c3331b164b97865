"""Setting up where programs are told: adding, changing, switching, a new secret. Secrets are seen once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.core import audit, jobs
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.tokens import new_token, seal
from callcart.engage.webhooks import guard, stopped
from callcart.engage.webhooks.jobs import send
from callcart.engage.webhooks.kinds import KINDS
from callcart.engage.webhooks.models import SEALED_WITH, Endpoint, EndpointState

MOST = 20


@dataclass(frozen=True, slots=True)
class Made:
    """An endpoint and the secret its deliveries are signed with, which cannot be seen again."""

    endpoint: Endpoint
    secret: str


def add_endpoint(actor: Actor, *, name: str, url: str, kinds: Sequence[str]) -> Made:
    """Raises Invalid with all that is wrong. Where its name leads is looked at with each delivery."""
    actor.require("webhooks.manage")
    form = Fields()
    values = _checked(form, name, url, kinds)
    if Endpoint.objects.count() >= MOST:
        form.refuse("name", _("No more than %(most)s are possible.") % {"most": MOST})
    form.done()
    secret = _new_secret()
    endpoint = Endpoint(
        **values, secret=seal(SEALED_WITH, secret), created_at=now(), created_by_name=actor.name
    )
    _save(endpoint)
    audit.record(actor, "webhooks.add", subject=("webhook", endpoint.id), after=values)
    return Made(endpoint, secret)


def change_endpoint(
    actor: Actor, endpoint_id: UUID, *, version: int, name: str, url: str, kinds: Sequence[str]
) -> Endpoint:
    """Raises NotFound, Conflict (an outdated `version`), Invalid."""
    endpoint = _locked(actor, endpoint_id)
    if endpoint.version != version:
        raise Conflict
    form = Fields()
    values = _checked(form, name, url, kinds)
    form.done()
    before = {key: getattr(endpoint, key) for key in values}
    for key, value in values.items():
        setattr(endpoint, key, value)
    endpoint.version += 1
    _save(endpoint)
    audit.record(actor, "webhooks.change", subject=("webhook", endpoint.id), before=before, after=values)
    return endpoint


def switch_endpoint(actor: Actor, endpoint_id: UUID, *, on: bool) -> Endpoint:
    """Off: what happens is not kept for it. On: what still waits goes out, the oldest first, at once. Raises NotFound."""
    endpoint = _locked(actor, endpoint_id)
    before, endpoint.state = endpoint.state, EndpointState.ON if on else EndpointState.OFF
    endpoint.version += 1
    endpoint.save(update_fields=["state", "version"])
    stopped.forget(endpoint)
    audit.record(
        actor, "webhooks.switch", subject=("webhook", endpoint.id), before={"state": before},
        after={"state": endpoint.state},
    )  # fmt: skip
    if on:
        endpoint.deliveries.filter(state="waiting").update(next_at=now(), tries=0)
        jobs.defer(send, endpoint_id=str(endpoint.id))
    return endpoint


def renew_secret(actor: Actor, endpoint_id: UUID) -> Made:
    """Another secret from the next delivery on. Raises NotFound."""
    endpoint, secret = _locked(actor, endpoint_id), _new_secret()
    endpoint.secret = seal(SEALED_WITH, secret)
    endpoint.version += 1
    endpoint.save(update_fields=["secret", "version"])
    audit.record(actor, "webhooks.renew_secret", subject=("webhook", endpoint.id))
    return Made(endpoint, secret)


def remove_endpoint(actor: Actor, endpoint_id: UUID) -> None:
    """With all that was or is to be delivered to it. Raises NotFound."""
    endpoint = _locked(actor, endpoint_id)
    before = {"name": endpoint.name, "url": endpoint.url, "kinds": endpoint.kinds}
    stopped.forget(endpoint)
    audit.record(actor, "webhooks.remove", subject=("webhook", endpoint.id), before=before)
    endpoint.delete()


def _locked(actor: Actor, endpoint_id: UUID) -> Endpoint:
    actor.require("webhooks.manage")
    found = Endpoint.objects.select_for_update(no_key=True).filter(id=endpoint_id).first()
    if found is None:
        raise NotFound
    return found


def _new_secret() -> str:
    return f"whs_{new_token()}"


def _checked(form: Fields, name: str, url: str, kinds: Sequence[str]) -> dict[str, object]:
    values: dict[str, object] = {
        "name": form.line("name", name, most=60, required=True),
        "url": form.line("url", url, most=500, required=True),
        "kinds": sorted(set(kinds)),
    }
    if not kinds:
        form.refuse("kinds", _("Choose what it is told."))
    elif not set(kinds) <= set(KINDS):
        form.refuse("kinds", _("Choose one of the values offered."))
    if problem := _url_problem(str(values["url"])):
        form.refuse("url", problem)
    return values


def _url_problem(url: str) -> str:
    said = {
        "form": _("Write it like https://example.com/hooks."),
        "user": _("Leave the user and password out; deliveries are signed."),
        "https": _("Only addresses with https are possible."),
        "private": _("This address lies in a private network."),
    }
    return said.get(guard.url_problem(url), "")


def _save(endpoint: Endpoint) -> None:
    try:
        with transaction.atomic():
            endpoint.save()
    except IntegrityError:
        raise Invalid(fields={"name": _("There is already one of this name.")}) from None
