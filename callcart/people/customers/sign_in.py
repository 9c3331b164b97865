"""Customers sign in at the shop with their telephone number and a code sent to it: six digits, five tries, five minutes,
once. Asking and trying are counted on a connection of its own, so a refused request does not undo the count."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callcart.core import audit, jobs, tokens
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import Invalid, TooMany
from callcart.core.ids import new_id
from callcart.core.secrets import secret
from callcart.core.tenancy import enter
from callcart.core.text import printable
from callcart.core.throttle import network_of
from callcart.people.customers import transport
from callcart.people.customers.jobs import send_code
from callcart.people.customers.models import Customer, CustomerSession, Phone
from callcart.people.customers.numbers import digits_of, normalise_phone
from callcart.people.customers.profile import LANGUAGES, create_customer
from callcart.people.tenants.public import get_tenant

DIGITS = 6
TRIES = 5
GOOD_FOR = timedelta(minutes=5)
AGAIN_AFTER = timedelta(seconds=60)
PER_NUMBER = ((timedelta(hours=1), 5), (timedelta(days=1), 10))
PER_ADDRESS = ((timedelta(hours=1), 30),)
IDLE = timedelta(days=30)
LONGEST = timedelta(days=180)
_TOUCH_AFTER = timedelta(hours=1)
# What everybody may do in the shop with what is theirs.
GRANTS = {name: Grant(scope="own") for name in ("orders.view", "orders.place", "orders.cancel")}

_ASKED = """
SELECT max(made_at) FILTER (WHERE e164 = %(e164)s),
       array_agg(made_at ORDER BY made_at) FILTER (WHERE e164 = %(e164)s),
       array_agg(made_at ORDER BY made_at) FILTER (WHERE address_hash = %(address)s AND address_hash <> '')
  FROM customers_customercode
 WHERE made_at > %(since)s AND (e164 = %(e164)s OR (address_hash = %(address)s AND address_hash <> ''))
"""
_TRY = """
UPDATE customers_customercode SET tries = tries + 1
 WHERE id = (SELECT id FROM customers_customercode
              WHERE e164 = %(e164)s AND used_at IS NULL AND expires_at > %(now)s ORDER BY made_at DESC LIMIT 1)
   AND tries < %(most)s AND used_at IS NULL
RETURNING id, code_hash, tries
"""
_TOUCH = """
UPDATE customers_customersession SET last_seen_at = %s
 WHERE id IN (SELECT id FROM customers_customersession WHERE id = %s AND last_seen_at < %s FOR UPDATE SKIP LOCKED)
RETURNING id
"""


class AskedTooOften(TooMany):
    """A code was sent already. You can ask for another in %(wait)s."""

    code = "customers.asked_too_often"


@dataclass(frozen=True, slots=True)
class CodeSent:
    """A code is on its way. `shown_code` is the code itself where the installation reaches nobody (demo), else empty."""

    e164: str
    expires_at: datetime
    again_at: datetime
    shown_code: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who has just signed in, by which number (E.164, proved by its code), and the token for the session cookie."""

    customer: Customer
    e164: str
    token: str


def request_code(tenant_id: int, phone: str, *, ip: str = "", language: str = "en") -> CodeSent:
    """Send a code to a number, whether or not anybody has it. Invalid (`phone`), AskedTooOften (with `seconds`),
    NoTransport."""
    e164 = normalise_phone(phone).e164
    shows_code = transport.in_use().shows_code
    moment, code, code_id = now(), tokens.new_code(DIGITS), new_id()
    address = tokens.digest(network_of(ip)) if ip else ""
    with raw.autocommit() as connection, connection.transaction():
        enter(connection, tenant_id)
        # Each costs money: many at one moment are counted one after the other.
        for counted in filter(None, (e164, address)):
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [counted, tenant_id])
        wait = _wait(connection, e164, address, moment)
        if not wait:
            connection.execute(
                "UPDATE customers_customercode SET expires_at = %s WHERE e164 = %s AND expires_at > %s",
                [moment, e164, moment],
            )
            connection.execute(
                "INSERT INTO customers_customercode"
                " (id, tenant_id, e164, address_hash, code_hash, made_at, expires_at, tries)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, 0)",
                [code_id, tenant_id, e164, address, _hash(code_id, code), moment, moment + GOOD_FOR],
            )
    if wait:
        raise AskedTooOften(seconds=wait, wait=_in_words(wait))
    jobs.defer(send_code, code_id=str(code_id), sealed=tokens.seal("codes", code), language=language)
    return CodeSent(e164, moment + GOOD_FOR, moment + AGAIN_AFTER, code if shows_code else "")


def verify_code(
    tenant_id: int, phone: str, code: str, *, ip: str = "", user_agent: str = "", language: str = ""
) -> SignedIn:
    """Sign in the customer of the number (made now if there is none). Invalid names `phone` (also one that was added lately)
    or `code`; after five wrong tries a new code must be asked for."""
    e164 = normalise_phone(phone).e164
    digits = digits_of(code[:40])
    with raw.autocommit() as connection, connection.transaction():
        enter(connection, tenant_id)
        row = connection.execute(_TRY, {"e164": e164, "now": now(), "most": TRIES}).fetchone()
        right = row is not None and hmac.compare_digest(row[1], _hash(row[0], digits))
        if row is not None and right:
            connection.execute(
                "UPDATE customers_customercode SET used_at = %s WHERE id = %s", [now(), row[0]]
            )
    if row is None:
        raise Invalid(fields={"code": _("This code has run out. Ask for a new one.")})
    if not right:
        left = TRIES - int(row[2])
        problem = ngettext(
            "This code is not right. %(left)s try is left.",
            "This code is not right. %(left)s tries are left.",
            left,
        )
        raise Invalid(
            fields={
                "code": problem % {"left": left} if left else _("This code has run out. Ask for a new one.")
            }
        )
    customer = _customer_of(tenant_id, e164, language)
    return SignedIn(customer, e164, start_customer_session(customer, e164=e164, ip=ip, user_agent=user_agent))


def start_customer_session(customer: Customer, *, e164: str = "", ip: str = "", user_agent: str = "") -> str:
    """Sign a customer in who has just proved the number; returns the token for the cookie."""
    token, moment = tokens.new_token(), now()
    session = CustomerSession.objects.create(
        customer=customer,
        e164=e164,
        token_hash=tokens.digest(token),
        created_at=moment,
        last_seen_at=moment,
        ip=printable(ip, 64),
        user_agent=printable(user_agent, 300),
    )
    audit.record(
        customer_actor(customer, session=session.id), "customers.sign_in", subject=("customer", customer.id)
    )
    return token


def resolve_customer_session(token: str) -> Actor | None:
    """Whose token this is in the tenant acted for; None for one that is unknown or has ended. Keeps it alive."""
    moment = now()
    session = (
        CustomerSession.objects.select_related("customer")
        .filter(
            token_hash=tokens.digest(token),
            revoked_at=None,
            last_seen_at__gt=moment - IDLE,
            created_at__gt=moment - LONGEST,
        )
        .first()
    )
    if session is None:
        return None
    if session.last_seen_at < moment - _TOUCH_AFTER:
        raw.one(_TOUCH, [moment, session.id, moment - _TOUCH_AFTER])
    return customer_actor(session.customer, session=session.id)


def log_out_customer(token: str) -> None:
    """End the session of a token; nothing happens where there is none."""
    CustomerSession.objects.filter(token_hash=tokens.digest(token), revoked_at=None).update(revoked_at=now())


def customer_actor(customer: Customer, *, session: UUID | None = None, channel: str = "shop") -> Actor:
    """The actor a customer is: what is theirs, nothing else."""
    return Actor(
        tenant_id=customer.tenant_id,
        kind=ActorKind.CUSTOMER,
        id=customer.id,
        name=customer.name,
        channel=channel,
        language=customer.language,
        timezone=get_tenant(customer.tenant_id).timezone,
        grants=GRANTS,
        session=session,
    )


def guest_actor(tenant_id: int, *, language: str = "en") -> Actor:
    """A visitor of the shop who has not signed in; may place an order, sees nothing stored."""
    return Actor(
        tenant_id=tenant_id,
        kind=ActorKind.CUSTOMER,
        channel="shop",
        language=language,
        timezone=get_tenant(tenant_id).timezone,
        grants={"orders.place": Grant(scope="own")},
    )


def _customer_of(tenant_id: int, e164: str, language: str) -> Customer:
    """Of several whom this number opens the account of: whose main one it is, then who came first. Invalid (`phone`) where
    it opens none yet. The number is locked until the session is there: taken off at the same moment, it either opens
    nothing any more or takes the session with it."""
    owned = Phone.objects.select_related("customer").filter(e164=e164).order_by("id")
    phones = list(owned.select_for_update(of=("self",), no_key=True))
    moment = now()
    opening = [phone for phone in phones if phone.opens_from <= moment]
    if opening:
        return min(opening, key=lambda each: (not each.is_primary, each.created_at, each.id)).customer
    if phones:
        waiting = min(phones, key=lambda each: each.opens_from)
        wait = {"wait": _in_words(round((waiting.opens_from - moment).total_seconds()))}
        problem = _(
            "This number was added to an account a short while ago. It can sign in in %(wait)s; until then use the number"
            " you had before, or order as a guest."
        )
        raise Invalid(fields={"phone": problem % wait})
    system = Actor.system(tenant_id, "shop", channel="shop")
    known = language if language in LANGUAGES else ""  # the code is used up: nothing may fail now
    return create_customer(system, phone=e164, language=known, source="shop")


def _wait(connection: psycopg.Connection[Any], e164: str, address: str, moment: datetime) -> int:
    """Seconds until another code may be asked for; 0 for now."""
    since = moment - max(span for span, _most in (*PER_NUMBER, *PER_ADDRESS))
    row = connection.execute(_ASKED, {"e164": e164, "address": address, "since": since}).fetchone()
    last, of_number, of_address = row if row else (None, None, None)
    ends = [last + AGAIN_AFTER] if last else []
    for asked, rules in ((of_number or [], PER_NUMBER), (of_address or [], PER_ADDRESS)):
        for span, most in rules:
            within = [at for at in asked if at > moment - span]
            ends += [within[-most] + span] if len(within) >= most else []
    return max(0, *(round((end - moment).total_seconds() + 0.5) for end in ends)) if ends else 0


def _hash(code_id: UUID, code: str) -> str:
    """Keyed: six digits alone would be found by trying all."""
    return hmac.new(bytes.fromhex(secret("codes")), f"{code_id}:{code}".encode(), hashlib.sha256).hexdigest()


def _in_words(seconds: int) -> str:
    if seconds < 90:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    if seconds <= 3600:
        minutes = -(-seconds // 60)
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = -(-seconds // 3600)
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
