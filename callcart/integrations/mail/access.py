"""What a mail line is set up with, and its two servers out of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

import idna
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.contact.messaging.transport import LineFacts, Setting
from callcart.integrations.mail.oauth import OAuth

TLS, STARTTLS, NONE = "tls", "starttls", "none"
_OF_OAUTH = ("client_id", "client_secret", "scope", "refresh_token")
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?"
)
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_V6 = re.compile(r"[0-9a-f:.]{2,45}")


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is and how it is spoken to. `tls`: `tls` from the first byte, `starttls`, or `none`. `must_sign_in`: also where
    it does not ask for that (a relay that knows its own network)."""

    host: str
    port: int
    tls: str
    user: str
    password: str
    must_sign_in: bool = True
    oauth: OAuth | None = None

    @property
    def signs_in(self) -> bool:
        """Whether there is something to sign in with."""
        return bool(self.password or self.oauth)


@dataclass(frozen=True, slots=True)
class Access:
    """A line's settings."""

    imap: Server
    smtp: Server
    folder: str
    from_name: str
    reply_domain: str
    days_back: int


def host(text: str) -> str:
    """A host's name or address in ASCII. Raises ValueError in words."""
    plain = text.strip().lower().strip("[]")
    if not plain.isascii():
        try:
            plain = idna.encode(plain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            plain = ""
    if not (_HOST.fullmatch(plain) or (":" in plain and _V6.fullmatch(plain))):
        raise ValueError(_("Write the server's name, like imap.example.com."))
    return plain


def port(text: str) -> int:
    """A port's number. Raises ValueError in words."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 5 and 0 < int(plain) < 65536):
        raise ValueError(_("Write a port's number, like 993."))
    return int(plain)


def tls(text: str) -> str:
    """How a server is spoken to. Raises ValueError in words."""
    plain = text.strip().lower()
    if plain not in {TLS, STARTTLS, NONE}:
        raise ValueError(_("Write tls, starttls or none."))
    return plain


def one_line(text: str) -> str:
    """A text without control characters. Raises ValueError in words."""
    if any(ord(char) < 32 or ord(char) == 127 for char in text) or len(text) > 500:
        raise ValueError(_("Write it on one line, without control characters."))
    return text


def days(text: str) -> int:
    """A number of days. Raises ValueError in words."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and int(plain[:5]) <= 365):
        raise ValueError(_("Write a number of days, 365 at most."))
    return int(plain)


def token_url(text: str) -> str:
    """Where tokens are asked for. Raises ValueError in words."""
    parts = urlsplit(text.strip())
    secured = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    if not secured or not parts.hostname or parts.username is not None or parts.fragment:
        raise ValueError(_("Write an address that begins with https://."))
    return text.strip()


_TLS = (
    (TLS, gettext_lazy("TLS from the first byte")),
    (STARTTLS, gettext_lazy("STARTTLS: begun in the clear, then secured")),
    (NONE, gettext_lazy("None: only to a server on this machine")),
)
SETTINGS = (
    Setting("imap_host", gettext_lazy("IMAP server"), gettext_lazy("Where mail is read, like imap.example.com"), read=host),
    Setting("imap_port", gettext_lazy("IMAP port"), gettext_lazy("Empty: 993, or 143 without TLS"), required=False, read=port, rare=True),
    Setting("imap_tls", gettext_lazy("IMAP security"), required=False, read=tls, choices=_TLS, rare=True),
    Setting("imap_user", gettext_lazy("User name"), gettext_lazy("Often the whole address"), read=one_line),
    Setting("imap_password", gettext_lazy("Password"), gettext_lazy("Many providers want one made for programs (an app password, 授权码). Empty with OAuth"), secret=True, required=False, read=one_line),
    Setting("imap_folder", gettext_lazy("Folder"), gettext_lazy("Empty: INBOX. Nothing in it is deleted or marked as read"), required=False, read=one_line, rare=True),
    Setting("days_back", gettext_lazy("Take in mail of the last days"), gettext_lazy("Empty: only what comes from now on"), required=False, read=days),
    Setting("smtp_host", gettext_lazy("SMTP server"), gettext_lazy("Where mail is sent, like smtp.example.com"), read=host),
    Setting("smtp_port", gettext_lazy("SMTP port"), gettext_lazy("Empty: 465, 587 with starttls, 25 without TLS"), required=False, read=port, rare=True),
    Setting("smtp_tls", gettext_lazy("SMTP security"), required=False, read=tls, choices=_TLS, rare=True),
    Setting("smtp_user", gettext_lazy("User name for sending"), gettext_lazy("Empty: the same as for reading"), required=False, read=one_line, rare=True),
    Setting("smtp_password", gettext_lazy("Password for sending"), gettext_lazy("Empty: the same as for reading"), secret=True, required=False, read=one_line, rare=True),
    Setting("from_name", gettext_lazy("Name of the sender"), gettext_lazy("Empty: the name of the line"), required=False, read=one_line),
    Setting("reply_domain", gettext_lazy("Domain for answers"), gettext_lazy(
        "Where mail to name+anything@domain comes into this mailbox. Answers then find their conversation whatever a mail program does. "
        "Empty: by the subject and the mail's own references"), required=False, read=host, rare=True),
    Setting("oauth_url", gettext_lazy("OAuth: address for tokens"), gettext_lazy(
        "Instead of a password, where the provider wants that (Microsoft 365: https://login.microsoftonline.com/…/oauth2/v2.0/token)"),
        required=False, read=token_url, rare=True),
    Setting("oauth_client_id", gettext_lazy("OAuth: application"), gettext_lazy("Its client id"), required=False, read=one_line, rare=True),
    Setting("oauth_client_secret", gettext_lazy("OAuth: secret of the application"), "", secret=True, required=False, read=one_line, rare=True),
    Setting("oauth_scope", gettext_lazy("OAuth: scope"), gettext_lazy("For Microsoft 365: https://outlook.office365.com/.default"), required=False, read=one_line, rare=True),
    Setting("oauth_refresh_token", gettext_lazy("OAuth: refresh token"), gettext_lazy(
        "Empty: the application signs in by its own right (Microsoft 365). Google gives one to whoever owns the mailbox"),
        secret=True, required=False, read=one_line, rare=True),
)  # fmt: skip


def access(line: LineFacts) -> Access:
    """A line's settings, read. Raises ValueError in words."""
    values = line.values
    imap = replace(_server(values, "imap", {TLS: 993, STARTTLS: 143, NONE: 143}), oauth=_oauth(line))
    smtp = _server(values, "smtp", {TLS: 465, STARTTLS: 587, NONE: 25})
    if not smtp.user and not smtp.password:
        smtp = replace(smtp, user=imap.user, password=imap.password, oauth=imap.oauth, must_sign_in=False)
    return Access(
        imap,
        smtp,
        folder=values.get("imap_folder") or "INBOX",
        from_name=values.get("from_name") or line.name,
        reply_domain=host(values["reply_domain"]) if values.get("reply_domain") else "",
        days_back=days(values["days_back"]) if values.get("days_back") else 0,
    )


def _oauth(line: LineFacts) -> OAuth | None:
    """Where a password is given too, the server is told that."""
    values = line.values
    if not values.get("oauth_url") or values.get("imap_password"):
        return None
    found = {name: one_line(values.get(f"oauth_{name}") or "") for name in _OF_OAUTH}
    if not found["client_id"]:
        raise ValueError(_("OAuth needs the application's id."))
    renew = partial(line.renew, "oauth_refresh_token")
    return OAuth(token_url(values["oauth_url"]), **found, renew=renew)


def _server(values: Mapping[str, str], name: str, ports: Mapping[str, int]) -> Server:
    secured = tls(values.get(f"{name}_tls") or TLS)
    said = values.get(f"{name}_port") or ""
    return Server(
        host(values.get(f"{name}_host") or ""),
        port(said) if said else ports[secured],
        secured,
        one_line(values.get(f"{name}_user") or ""),
        one_line(values.get(f"{name}_password") or ""),
    )
