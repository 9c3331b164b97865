"""Connections to mail servers: by addresses that may be connected to, secured before a password is said, the certificate checked.

What goes wrong is said in words for whoever set the line up (`words_of`).
"""

from __future__ import annotations

import base64
import imaplib
import io
import logging
import re
import select
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, cast

from django.utils.translation import gettext as _
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError

from callcart.config import config
from callcart.core.text import printable
from callcart.engage.webhooks.guard import is_public
from callcart.integrations.mail import oauth
from callcart.integrations.mail.access import NONE, STARTTLS, TLS, Server
from callcart.integrations.mail.oauth import OAuth

CONNECT_SECONDS = 20
READ_SECONDS = 60
_MOST_ADDRESSES = 3
# The library writes what it reads to its log: mail of customers.
for _name in ("imapclient", "imapclient.imaplib"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class PasswordInTheClear(Exception):
    """The server takes a password but offers no TLS; it is not told ours."""


class NoSuchFolder(Exception):
    """The mailbox has no folder of this name."""


class _Private(OSError):
    """The name leads into the network of this installation, which is not open to mail lines."""


FAULTS = (
    OSError,
    imaplib.IMAP4.error,
    IMAPClientError,
    smtplib.SMTPException,
    PasswordInTheClear,
    NoSuchFolder,
    oauth.NoToken,
    EOFError,
)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by what is written."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in {"localhost", "localhost."}


def connected(host: str, port: int, timeout: float) -> socket.socket:
    """A connection to the first address that answers; to a private one only where the installation lets lines go there."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found = list(dict.fromkeys(str(row[4][0]) for row in rows))
    if not (config().mail_private or config().demo) and not all(map(is_public, found)):
        raise _Private
    last: OSError = OSError()
    for address in found[:_MOST_ADDRESSES]:
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            last = error
    raise last


def _check(server: Server, *, secure: bool) -> None:
    if server.signs_in and not secure and not is_loopback(server.host):
        raise PasswordInTheClear


class _Wire(imaplib.IMAP4):
    """IMAP over a connection of ours, which takes no more at a time than a mail may have."""

    def __init__(self, server: Server, context: ssl.SSLContext | None, most: int) -> None:
        self._server, self._context, self._most = server, context, most
        super().__init__(server.host, server.port)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        sock = connected(self._server.host, self._server.port, CONNECT_SECONDS)
        return self._context.wrap_socket(sock, server_hostname=self._server.host) if self._context else sock

    def read(self, size: int) -> bytes:
        if size > self._most:
            raise self.abort("the server sends more than it was asked for")
        return super().read(size)

    def readline(self) -> bytes:
        """A line; the library's own bound is less than the numbers of a large folder take."""
        line: bytes = cast(io.BufferedReader, self.file).readline(self._most + 1)
        if len(line) > self._most:
            raise self.abort("the server sends more than it was asked for")
        return line

    def heard(self, seconds: float) -> bool:
        """Whether there is something to read, or the end, within so many seconds. Reads nothing away: the library's own look takes
        half a line for a fault, and does not see what came together with the answer before it."""
        self.sock.setblocking(False)
        try:
            if cast(io.BufferedReader, self.file).peek(1):
                return True
        except (ssl.SSLWantReadError, BlockingIOError):
            pass
        finally:
            self.sock.settimeout(READ_SECONDS)
        waiting = select.poll()
        waiting.register(self.sock, select.POLLIN)
        return bool(waiting.poll(seconds * 1000))


class _Client(IMAPClient):  # type: ignore[misc]
    def __init__(self, server: Server, context: ssl.SSLContext, most: int) -> None:
        self._made = (server, context if server.tls == TLS else None, most)
        super().__init__(
            server.host,
            server.port,
            ssl=server.tls == TLS,
            ssl_context=context,
            timeout=SocketTimeout(CONNECT_SECONDS, READ_SECONDS),
        )

    def _create_IMAP4(self) -> imaplib.IMAP4:
        self._wire = _Wire(*self._made)
        return self._wire

    def told_of(self) -> tuple[int, object]:
        """What the server said of itself of how many mails there are: how often, and the last time."""
        told = self._wire.untagged_responses.get("EXISTS") or [b""]
        return len(told), told[-1]

    def idle(self) -> None:
        """Ask to be told of what comes. What the server says before it agrees counts as heard; the library takes it for a fault."""
        self._early = False
        self._wire.untagged_responses.clear()  # else they are kept as long as the connection is
        self._idle_tag = self._wire._command("IDLE")
        while self._wire._get_response() is not None:
            if self._wire.tagged_commands[self._idle_tag] is not None:
                raise IMAPClientError("it does not agree to IDLE")
            self._early = True

    def heard(self, seconds: float) -> bool:
        """Whether the server said something, or does within so many seconds."""
        return self._early or self._wire.heard(seconds)


def imap(server: Server, context: ssl.SSLContext, *, most: int) -> Any:
    """A client that has signed in; no answer of the server's may have more than `most` bytes. Raises what `words_of` knows."""
    client = _Client(server, context, most)
    try:
        if server.tls == STARTTLS:
            client.starttls(context)
        _check(server, secure=server.tls != NONE)
        if server.oauth is not None:
            _by_token(server.oauth, lambda token: client.oauth2_login(server.user, token))
        elif (
            server.user.isascii() and server.password.isascii() and not client.has_capability("LOGINDISABLED")
        ):
            client.login(server.user, server.password)
        else:
            client.plain_login(server.user, server.password)
        if client.has_capability("ID"):  # some let nobody read who does not say what they are
            client.id_({"name": "Callcart", "vendor": "Callcart", "version": "1"})
    except BaseException:
        hang_up(client)
        raise
    return client


def hang_up(client: Any) -> None:
    """End a connection, whatever state it is in."""
    with suppress(*FAULTS):
        client.shutdown()


class Smtp(smtplib.SMTP):
    """SMTP over a connection of ours."""

    def __init__(self, server: Server, context: ssl.SSLContext, name: str = "") -> None:
        self._server, self._tls_context = server, context
        super().__init__(server.host, server.port, local_hostname=name or None, timeout=CONNECT_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = connected(host, port, timeout)
        if self._server.tls != TLS:
            return sock
        return self._tls_context.wrap_socket(sock, server_hostname=self._server.host)


def smtp(server: Server, context: ssl.SSLContext, *, name: str) -> Smtp:
    """A client that has signed in. `name`: what it calls itself. Raises what `words_of` knows."""
    client = Smtp(server, context, name)
    try:
        greet(client, context, secure=server.tls == TLS, starttls=server.tls == STARTTLS)
        _check(server, secure=server.tls != NONE)
        if server.signs_in and (server.must_sign_in or client.has_extn("auth")):
            _sign_in(client, server)
    except BaseException:
        client.close()
        raise
    return client


def _by_token(asking: OAuth, sign_in: Callable[[str], object]) -> None:
    """Sign in with the token at hand; one that is not accepted is not shown again."""
    try:
        sign_in(oauth.token(asking))
    except (LoginError, smtplib.SMTPAuthenticationError):
        oauth.forget(asking)
        raise


def _sign_in(client: smtplib.SMTP, server: Server) -> None:
    if server.oauth is not None:
        _by_token(server.oauth, lambda token: _show(client, server.user, token))
        return
    if server.user.isascii() and server.password.isascii():
        client.login(server.user, server.password)
        return
    # The library signs in with ASCII only (RFC 4616 wants UTF-8).
    if "PLAIN" not in client.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError
    told = base64.b64encode(f"\0{server.user}\0{server.password}".encode()).decode()
    code, said = client.docmd("AUTH", f"PLAIN {told}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, said)


def _show(client: smtplib.SMTP, user: str, token: str) -> None:
    if "XOAUTH2" not in client.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError

    def said(challenge: bytes | None = None) -> str:
        # A refusal comes as a challenge that wants an empty answer.
        return oauth.shown(user, token) if challenge is None else ""

    client.auth("XOAUTH2", said)


def greet(
    client: smtplib.SMTP, context: ssl.SSLContext, *, secure: bool, starttls: bool | None = None
) -> bool:
    """Say hello and secure the connection; whether it is secure. `starttls`: whether it is to be secured now, None for where the
    server offers it."""
    client.ehlo_or_helo_if_needed()
    offered = client.has_extn("starttls")
    if starttls and not secure and not offered:
        raise PasswordInTheClear
    if offered and not secure and starttls is not False:
        client.starttls(context=context)
        client.ehlo()
        return True
    return secure


def words_of(error: BaseException, server: Server) -> str:
    """What went wrong with a server, for whoever set it up."""
    if isinstance(error, oauth.NoToken):
        return str(error)
    return _about(error) % {"host": f"{server.host}:{server.port}", "said": _said(error)}


def _about(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _("%(host)s takes no user name and password over this connection.")
    if isinstance(error, PasswordInTheClear | CapabilityError):
        return _("%(host)s offers no secure connection, so it was not told the password.")
    if isinstance(error, LoginError | smtplib.SMTPAuthenticationError):
        return _("%(host)s does not accept the user name and password. It says: %(said)s")
    if isinstance(error, NoSuchFolder):
        return _("%(host)s has no such folder: %(said)s")
    if isinstance(error, _Private):
        return _(
            "%(host)s lies in a private network. This installation does not let mail lines go there (CALLCART_MAIL_PRIVATE)."
        )
    if isinstance(error, socket.gaierror):
        return _("There is no machine of the name %(host)s.")
    if isinstance(error, ssl.SSLCertVerificationError):
        return _("The certificate of %(host)s is not to be trusted: %(said)s")
    if isinstance(error, ssl.SSLError):
        return _(
            "No secure connection to %(host)s came about. Check the port and the security setting. %(said)s"
        )
    if isinstance(error, TimeoutError):
        return _("%(host)s does not answer.")
    if isinstance(error, ConnectionRefusedError):
        return _("Nothing answers at %(host)s.")
    if isinstance(
        error,
        smtplib.SMTPServerDisconnected
        | IMAPClientAbortError
        | imaplib.IMAP4.abort
        | EOFError
        | ConnectionError,
    ):
        return _("%(host)s ended the connection. %(said)s")
    return _("%(host)s says: %(said)s")


def _said(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = (
            error.smtp_error.decode("utf-8", "replace")
            if isinstance(error.smtp_error, bytes)
            else str(error.smtp_error)
        )
        return printable(f"{error.smtp_code} {words}", 200)
    if isinstance(error, ssl.SSLCertVerificationError):
        return printable(error.verify_message, 200)
    # The IMAP library writes the server's bytes as Python does.
    return printable(re.sub(r"^b(['\"])(.*)\1$", r"\2", str(error), flags=re.DOTALL), 200)
