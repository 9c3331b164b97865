"""The bytes of a mail as a message: who wrote, what is new in it, which conversation it belongs to, whether a person wrote it.

Nothing in a mail is believed but where it cannot harm: a token and Message-IDs only name a conversation, and the domain checks the
token. Raises ValueError in words where nobody can be said to have written it.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callcart.contact.messaging.transport import File, Incoming, LineFacts
from callcart.core.clock import now
from callcart.integrations.mail import addresses, automatic, bodies, cutting, mime, quotes, safe_html
from callcart.integrations.mail.addresses import Named
from callcart.integrations.mail.mime import Part

MOST_OTHERS = 50
MOST_RECIPIENTS = 2_000  # counted
MOST_REFERENCES = 50
MOST_SPLIT = 200_000  # characters that are searched for quotes
NOBODY = "mailer-daemon@unknown.invalid"  # of a notice that has no sender, as RFC 5321 wants of it
_TO_US = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc")
MARK = r"[a-z0-9]{1,40}-[a-z0-9]{4,40}"
_SUBJECT_TOKEN = re.compile(rf"\[#({MARK})\]", re.IGNORECASE)


def read(line: LineFacts, content: bytes) -> Incoming | None:
    """The message in a mail; None for one with nothing in it."""
    if not content.strip():
        return None
    content, left_out = cutting.opened(content)
    mail, notes = mime.parse(content)
    sorted_ = bodies.sort(mail)
    sender, answers_to, more = _people(mail, line)
    own = _own(line)
    text, quoted, html, pictures = _texts(sorted_)
    others, count = _others(mail, {answers_to.address, own, *_with_tokens(mail, own)})
    return Incoming(
        external_id=external_id(content),
        peer=answers_to.address,
        peer_name=answers_to.name,
        text=text,
        quoted=quoted,
        html=html,
        subject=_subject(mail),
        sent_at=_sent_at(mail),
        token=_token(mail, line),
        references=_references(mail),
        others=others,
        files=(*sorted_.files, *pictures),
        automatic=automatic.is_automatic(mail, answers_to.address, own),
        bounce_of=automatic.bounce_of(mail, sorted_, sender.address, own),
        language=_language(mail, text),
        notes=(*left_out, *notes, *sorted_.notes, *more, *_crowd(count, others)),
    )


def external_id(content: bytes) -> str:
    """By what a mail is known again: its Message-ID, else a digest of what its copies share (everything but the way it took)."""
    head = re.split(rb"\r?\n\r?\n", content.lstrip(b"\r\n")[:200_000], maxsplit=1)[0]
    found = re.findall(rb"(?im)^message-id[ \t]*:\s*([^\r\n]*)", head)
    if len(found) == 1:
        named = automatic.MESSAGE_ID.fullmatch(found[0].decode("ascii", "replace").strip())
        if named is not None and len(named[0]) <= 400:
            return named[0]
    lasting = re.sub(
        rb"(?im)^(received|return-path|delivered-to|x-[a-z0-9-]+|authentication-results)[ \t]*:.*(\r?\n[ \t].*)*\r?\n?",
        b"",
        head,
    )
    body = content.lstrip(b"\r\n")[len(head) :]
    return f"sha256:{hashlib.sha256(lasting.strip() + body.strip()).hexdigest()}"


def _own(line: LineFacts) -> str:
    try:
        return addresses.normal(line.address)
    except ValueError:
        return line.address.lower()


def _people(mail: Part, line: LineFacts) -> tuple[Named, Named, list[str]]:
    """Who sent it, whom an answer goes to, and notes for people on the two."""
    notes = []
    found = [named for value in mail.all_of("from") for named in addresses.several(value, 5)]
    if len(found) > 1 or len(mail.all_of("from")) > 1:
        notes.append(_("It names more than one sender."))
    for name in ("sender", "return-path"):
        found = found or addresses.several(mail.raw_of(name), 1)
    if not found:
        if not _is_notice(mail):
            raise ValueError(_("This mail does not say who sent it."))
        found = [Named(NOBODY)]
    sender, answers_to = found[0], found[0]
    asked = [each for each in addresses.several(mail.raw_of("reply-to"), 5) if each.address != _own(line)]
    if len(asked) == 1 and asked[0].address != sender.address and not mail.get("list-id"):
        answers_to = Named(asked[0].address, asked[0].name or sender.name)
        notes.append(
            _("It was sent from %(sender)s and asks for answers to this address.")
            % {"sender": sender.address}
        )
    return sender, answers_to, notes + _warnings(mail)


def _is_notice(mail: Part) -> bool:
    """Whether a mail server wrote it, which need not have an address."""
    named = re.search(r"(?i)mailer-?daemon|postmaster", mail.raw_of("from"))
    return bool(named) or mail.kind == "multipart/report" or automatic.is_from_nobody(mail)


def _warnings(mail: Part) -> list[str]:
    """What the servers on the way thought of it, as far as it speaks against it: in favour anybody may have written it."""
    notes = []
    verdict = mail.raw_of("authentication-results").lower()[
        :20_000
    ]  # the first one: our own server wrote last
    failed = re.search(r"\bdmarc\s*=\s*(fail|permerror)", verdict)
    if failed or (re.search(r"\bspf\s*=\s*fail", verdict) and not re.search(r"\bdmarc\s*=\s*pass", verdict)):
        notes.append(_("The mail server could not confirm that it comes from this sender."))
    junk = mail.raw_of("x-spam-flag").strip().lower() == "yes" or mail.raw_of(
        "x-spam-status"
    ).strip().lower().startswith("yes")
    score = re.search(r"\bSCL:(\d+)", mail.raw_of("x-forefront-antispam-report"))
    if (
        junk
        or (score is not None and int(score[1][:3]) >= 5)
        or mail.raw_of("x-spam").strip().lower() == "yes"
    ):
        notes.append(_("The mail server holds it for junk."))
    return notes


def _texts(found: bodies.Bodies) -> tuple[str, str, str, list[File]]:
    """The new words, the rest, the HTML with that rest folded, and the pictures that lay in it."""
    plain, html, pictures = found.plain, "", []
    new, quoted = _split(plain)
    if found.html:
        try:
            safe = safe_html.make_safe(found.html)
        except safe_html.Unshowable:
            found.note(_("Its layout could not be shown; this is its text."))
            return new or _stripped(found.html[: safe_html.LONGEST]), quoted, "", []
        cut = _cut(safe.lines)
        html = safe.html if cut is None else safe_html.folded(safe, safe.lines[cut].at)
        pictures = [_picture(*picture) for picture in safe.pictures]
        if not plain.strip() or not found.is_plain:
            new, quoted = _of_lines(safe.lines, cut)
    return new, quoted, html, pictures


def _stripped(html: str) -> str:
    """The text of an HTML that is not taken apart."""
    lines = unescape(re.sub(r"<[^<>]{0,2000}>", "\n", html)).split("\n")
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())


def _split(text: str) -> tuple[str, str]:
    new, quoted = quotes.split(text[:MOST_SPLIT])
    return new, quoted + text[MOST_SPLIT:]


def _cut(lines: list[safe_html.Line]) -> int | None:
    """The line from which on an HTML only repeats the mail that is answered; None where there is no such line, or words follow."""
    first = next((at for at, line in enumerate(lines) if line.quoted and line.has_words), None)
    texts = [line.text for line in lines]
    marked = quotes.mark(texts)
    forwarded = marked is None and first is not None and quotes.is_forwarded(texts[first:])
    if forwarded or (first is None and marked is None):
        return None
    cut = min(at for at in (first, marked) if at is not None)
    if not any(line.has_words for line in lines[:cut]):
        return None
    if first is not None and (marked is None or marked <= first):
        last = max(at for at, line in enumerate(lines) if line.quoted)
        below = [line.text for line in lines[last + 1 :]]
        if quotes.split("\n".join(below))[0].strip() and (
            marked is None or quotes.is_attribution(texts, cut)
        ):
            return None  # answered below, or in between
    return cut


def _of_lines(lines: list[safe_html.Line], cut: int | None) -> tuple[str, str]:
    if cut is not None:
        new, signature = quotes.split(safe_html.text_of(lines[:cut]))
        return new, "\n\n".join(filter(None, (signature, safe_html.text_of(lines[cut:]))))
    return _split(safe_html.text_of(lines))


def _picture(cid: str, kind: str, text: str) -> File:
    try:
        content = binascii.a2b_base64(text + "===")
    except (binascii.Error, ValueError):
        content = b""
    return File(
        name=f"{cid.partition('@')[0]}.{kind.rpartition('/')[2]}", type=kind, content=content, cid=cid
    )


def _subject(mail: Part) -> str:
    """The subject without our mark."""
    return " ".join(_SUBJECT_TOKEN.sub("", addresses.shown_text(mail.text_of("subject"))).split())[:500]


def _sent_at(mail: Part) -> datetime | None:
    """When it says it was sent; None where that cannot be (a clock that is wrong)."""
    try:
        said = parsedate_to_datetime(mail.raw_of("date")[:200])
        moment = (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if datetime(1995, 1, 1, tzinfo=UTC) < moment < now() + timedelta(days=1) else None


def _token(mail: Part, line: LineFacts) -> str:
    """Our mark: in the address it was sent to, else in the subject."""
    local, _at, domain = _own(line).rpartition("@")
    hosts = {domain, (line.values.get("reply_domain") or domain).strip().lower()}
    wanted = re.compile(rf"{re.escape(local)}\+({MARK})@({'|'.join(map(re.escape, sorted(hosts)))})")
    for name in _TO_US:
        for value in mail.all_of(name)[:20]:
            for named in addresses.several(value, MOST_OTHERS):
                if found := wanted.fullmatch(named.address):
                    return found[1]
    found = _SUBJECT_TOKEN.search(mail.text_of("subject"))
    return found[1].lower() if found else ""


def _with_tokens(mail: Part, own: str) -> set[str]:
    """The addresses of our own it was sent to, marks and all."""
    local = own.rpartition("@")[0]
    named = (
        each
        for name in ("to", "cc")
        for value in mail.all_of(name)
        for each in addresses.several(value, MOST_OTHERS)
    )
    return {each.address for each in named if each.address.startswith(f"{local}+")}


def _references(mail: Part) -> tuple[str, ...]:
    """Message-IDs of the mails before it, newest first."""
    answered = automatic.MESSAGE_ID.findall(mail.raw_of("in-reply-to"))
    before = automatic.MESSAGE_ID.findall(" ".join(mail.all_of("references")))
    return tuple(dict.fromkeys([*answered, *reversed(before)]))[:MOST_REFERENCES]


def _others(mail: Part, not_these: set[str]) -> tuple[tuple[str, ...], int]:
    """Whom else it was sent to, a bounded list, and how many they are."""
    found = (
        each.address
        for name in ("to", "cc")
        for value in mail.all_of(name)[:20]
        for each in addresses.several(value, MOST_RECIPIENTS)
    )
    everyone = [each for each in dict.fromkeys(found) if each not in not_these]
    return tuple(everyone[:MOST_OTHERS]), len(everyone)


def _crowd(count: int, others: tuple[str, ...]) -> list[str]:
    if count <= len(others):
        return []
    return [
        ngettext(
            "It went to %(count)d other address; the first %(kept)d are kept.",
            "It went to %(count)d other addresses; the first %(kept)d are kept.",
            count,
        )
        % {"count": count, "kept": len(others)}
    ]


_HAN = re.compile("[\u4e00-\u9fff]")


def _language(mail: Part, text: str) -> str:
    """`zh-hans` or `en` where the text shows it; empty otherwise."""
    sample = text[:4000]
    letters = sum(char.isalpha() for char in sample)
    if letters and len(_HAN.findall(sample)) * 3 >= letters:
        return "zh-hans"
    said = mail.raw_of("content-language").strip().lower()
    if said.startswith("zh"):
        return "zh-hans"
    return "en" if said.startswith("en") or (letters >= 20 and sample.isascii()) else ""
