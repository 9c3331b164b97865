"""What is to be filled in of a line at an HTTP provider, read and checked. Left empty, all of it is as the demo's SMS centre wants it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from callcart.contact.messaging.transport import LineFacts, Setting
from callcart.engage.webhooks.guard import url_problem
from callcart.integrations.sms.account import country, one_of, sender, values, yes_or_no
from callcart.integrations.sms.doors import may_be_private
from callcart.integrations.sms.numbers import country_of
from callcart.integrations.sms.template import NAMES, TYPES, basic, check_body, headers_of

METHODS = ("post", "put", "get")
PROOFS = ("stamped", "hmac-hex", "hmac-base64", "secret")
BODY = '{"to": "{to}", "from": "{from}", "text": "{text}", "key": "{key}"}'
HEADERS = "Authorization: Bearer {secret}"


def _url(text: str) -> str:
    plain = text.strip()
    problem = url_problem(plain)
    if problem != "form":
        parts = urlsplit(plain)
        if may_be_private(parts.hostname or "", parts.port or 0):
            return plain
    if problem == "private":
        raise ValueError(_("This address lies in a private network."))
    if problem:
        raise ValueError(_("Write an address that begins with https:// and holds no password."))
    return plain


def _any(text: str) -> str:
    return text.strip()


def _headers(text: str) -> str:
    headers_of(text, dict.fromkeys(NAMES, "x"))
    return text


def listed(text: str) -> tuple[str, ...]:
    return tuple(each.strip().lower() for each in text.split(",") if each.strip())


SETTINGS: tuple[Setting, ...] = (
    Setting("url", _("Address of the provider"), _("Where an SMS is handed over: https://…"), read=_url),
    Setting("secret", _("Key"), _("What the provider gave you; {secret} stands for it."), secret=True),
    Setting("user", _("User"), _("{user} stands for it; {basic} for both as HTTP wants them."), required=False, read=_any),
    Setting("sender", _("Sender"), _("What customers see: a number, a short code or a name. Empty: the line's number."), required=False, read=sender),
    Setting("country", _("Country"), _("By its two letters: how numbers without a country code are read. Empty: that of the line's number."), required=False, read=country),
    Setting("method", _("Method"), "", required=False, read=one_of(*METHODS), choices=(("post", "POST"), ("put", "PUT"), ("get", "GET"))),
    Setting("format", _("Format"), "", required=False, read=one_of(*TYPES), choices=(("json", "JSON"), ("form", _("Form")), ("query", _("In the address")))),
    Setting("body", _("Request"), _("With {to} {to_digits} {from} {from_digits} {text} {key} {alphabet} {parts}; JSON, or to={to}&text={text}."), required=False, read=_any),
    Setting("headers", _("Headers"), _("Several with | between. Empty: Authorization: Bearer {secret}."), required=False, read=_headers),
    Setting("once", _("Knows the key"), _("Yes where the provider takes an SMS with the same {key} once: then it may be handed over again."), required=False, read=yes_or_no, choices=(("no", _("No")), ("yes", _("Yes")))),
    Setting("id_at", _("Where the id is"), _("In the provider's answer, like messages.0.id."), required=False, read=_any),
    Setting("ok_at", _("Where success is"), _("In the answer; empty: the HTTP status says it."), required=False, read=_any),
    Setting("ok_words", _("Words of success"), _("By commas, like 0, ok."), required=False, read=listed),
    Setting("busy_words", _("Words for later"), _("By commas: with these it is tried again later."), required=False, read=listed),
    Setting("proof", _("How the provider proves itself"), _("Of what it sends us."), required=False, read=one_of(*PROOFS), choices=(("", _("Not at all: nothing that comes is believed")), ("stamped", _("Signature over time and content")), ("hmac-hex", _("Signature (HMAC, hexadecimal)")), ("hmac-base64", _("Signature (HMAC, base64)")), ("secret", _("It says the secret")))),
    Setting("proof_header", _("Header of the proof"), _("The header that holds it."), required=False, read=_any),
    Setting("proof_secret", _("Secret of the proof"), _("Without it nothing that comes is believed."), secret=True, required=False),
    Setting("items_at", _("Where the messages are"), _("In what it sends; empty: it is one by itself."), required=False, read=_any),
    Setting("in_id", _("Id of a message"), required=False, read=_any),
    Setting("in_from", _("Sender of a message"), required=False, read=_any),
    Setting("in_text", _("Text of a message"), required=False, read=_any),
    Setting("receipt_id", _("Id in a receipt"), required=False, read=_any),
    Setting("receipt_at", _("Where a receipt says what became of it"), required=False, read=_any),
    Setting("receipt_words", _("Where a receipt says why"), required=False, read=_any),
    Setting("delivered", _("Words for delivered"), _("By commas."), required=False, read=listed),
    Setting("failed", _("Words for failed"), _("By commas."), required=False, read=listed),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Provider:
    """The settings of a line, read, with the demo's where one is empty."""

    url: str
    secret: str
    user: str
    basic: str
    sender: str
    country: str
    method: str
    format: str
    body: str
    headers: str
    once: bool
    id_at: str
    ok_at: str
    ok_words: tuple[str, ...]
    busy_words: tuple[str, ...]
    proof: str
    proof_header: str
    proof_secret: str
    items_at: str
    in_id: str
    in_from: str
    in_text: str
    receipt_id: str
    receipt_at: str
    receipt_words: str
    delivered: tuple[str, ...]
    failed: tuple[str, ...]

    @classmethod
    def of(cls, line: LineFacts) -> Provider:
        """Raises ValueError with words for people."""
        found = values(SETTINGS, line.values)
        kind, body = found["format"] or "json", found["body"] or BODY
        check_body(kind, body)
        secret, user = found["secret"], found["user"] or ""
        return cls(
            url=found["url"],
            secret=secret,
            user=user,
            basic=basic(user, secret),
            sender=found["sender"] or line.address,
            country=found["country"] or country_of(line.address),
            method=(found["method"] or "post").upper(),
            format=kind,
            body=body,
            headers=found["headers"] or HEADERS,
            once=bool(found["once"]),
            id_at=found["id_at"] or "id",
            ok_at=found["ok_at"] or "",
            ok_words=found["ok_words"] or ("0", "ok", "true", "success"),
            busy_words=found["busy_words"] or (),
            proof=found["proof"] or "stamped",
            proof_header=found["proof_header"] or "Demo-Signature",
            proof_secret=found["proof_secret"] or "",
            items_at=found["items_at"] or "",
            in_id=found["in_id"] or "id",
            in_from=found["in_from"] or "from",
            in_text=found["in_text"] or "text",
            receipt_id=found["receipt_id"] or "message",
            receipt_at=found["receipt_at"] or "state",
            receipt_words=found["receipt_words"] or "reason",
            delivered=found["delivered"] or ("delivered", "delivrd", "success", "1"),
            failed=found["failed"] or ("failed", "undelivered", "undeliv", "expired", "rejected", "rejectd"),
        )
