"""Mail by a mail server (RFC 5321). STARTTLS is used where the server offers it, and is required before a password is sent; the
same message always carries the same Message-ID, so that a mailbox shows one that was sent twice once."""

from __future__ import annotations

import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from callcart.core.clock import now
from callcart.engage.notices.transport import Mail, Refused
from callcart.integrations.mail.servers import PasswordInTheClear, greet

__all__ = ["PasswordInTheClear", "SmtpMail"]

TIMEOUT_SECONDS = 20
_FOR_GOOD = range(500, 600)


class SmtpMail:
    """One connection a mail: notices are few, and a connection kept idle is closed by the server."""

    def __init__(self, url: str, *, context: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._tls else 587 if parts.username else 25)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._context = context or ssl.create_default_context()

    def send(self, mail: Mail) -> str:
        """Hand one mail over; its Message-ID. Refused where the server says so for good (5xx)."""
        message = _message(mail)
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _refusal(code, said, error) from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error, error) from error
        return str(message["Message-ID"])

    def _connected(self) -> smtplib.SMTP:
        if self._tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT_SECONDS, context=self._context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            self._greet(server)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP) -> None:
        secure = greet(server, self._context, secure=self._tls)
        if self._user:
            if not secure:
                raise PasswordInTheClear
            server.login(self._user, self._password)


def _message(mail: Mail) -> EmailMessage:
    message = EmailMessage()
    sender, _at, domain = mail.sender.rpartition("@")
    name, _open, local = sender.rpartition("<")
    message["From"] = Address(name.strip(), local, domain.rstrip("> "))
    message["To"] = mail.address
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{mail.key}@{domain.rstrip('> ')}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
    message.set_content(mail.text)  # clears what headers of the content there are
    message["Content-Language"] = "zh-Hans" if mail.language.startswith("zh") else mail.language
    return message


def _refusal(code: int, said: bytes | str, error: Exception) -> Exception:
    """What the server said, as a refusal for good, or as the error it was, to be tried again. A wrong password is ours to mend."""
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    if code in _FOR_GOOD and not isinstance(error, smtplib.SMTPAuthenticationError):
        return Refused(f"{code} {words}"[:300])
    return error
