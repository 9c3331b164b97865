"""A mailbox read by IMAP (RFC 3501; IDLE, RFC 2177): by number, from where it was left, deleting and marking nothing.

Each mail is kept before the place moves on, so one may be given twice and none is left out. The place is `validity:number:day`: where
the server numbers a folder anew (another `validity`), what came since shortly before that day is given again.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from callcart.contact.messaging.transport import LineFacts, Sink
from callcart.core.clock import now
from callcart.integrations.mail import cutting, oauth, reading, servers
from callcart.integrations.mail.access import Access, access

PAUSES = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
_REFUSED_PAUSE = 6  # a password that is wrong is not tried every few seconds: accounts are locked for it
_LONG_ENOUGH = 60.0  # a connection that lived so long was a good one
IDLE_SECONDS = (
    60.0  # then asked anew: routers forget silent connections, and some servers tell of a mail only then
)
POLL_SECONDS = 30.0
_LOOK_SECONDS = 1.0  # whether to stop
_AGAIN_DAYS = 7  # before the day of the place, where a folder is numbered anew
_MARGIN = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """How far a mailbox was read, and when."""

    validity: int
    number: int
    day: date

    def __str__(self) -> str:
        return f"{self.validity}:{self.number}:{self.day.isoformat()}"


def place_of(cursor: str) -> Place | None:
    """The place that was kept; None for none."""
    try:
        validity, number, day = cursor.split(":")
        return Place(int(validity), int(number), date.fromisoformat(day))
    except ValueError:
        return None


def listen(line: LineFacts, sink: Sink, stop: threading.Event, context: ssl.SSLContext) -> None:
    """Until told to stop. What goes wrong with the server is said and tried again, slower and slower; what the sink raises is raised."""
    settings = access(line)
    cursor, failures = line.cursor, 0
    while not stop.is_set():
        began = time.monotonic()
        try:
            mailbox = Mailbox(settings, context, cursor)
        except servers.FAULTS as error:
            failures = max(failures + 1, _REFUSED_PAUSE if _is_refusal(error) else 0)
            sink.down(servers.words_of(error, settings.imap))
        else:
            sink.up()
            try:
                cursor, broken = _hear(mailbox, sink, stop, cursor)
            finally:
                mailbox.close()
            if broken is not None:
                failures = 0 if time.monotonic() - began > _LONG_ENOUGH else failures + 1
                if failures > 1:  # a server that hangs up now and then is no news
                    sink.down(servers.words_of(broken, settings.imap))
        stop.wait(PAUSES[min(failures, len(PAUSES) - 1)])


def _is_refusal(error: BaseException) -> bool:
    return isinstance(error, LoginError | servers.PasswordInTheClear | servers.NoSuchFolder | oauth.NoToken)


def _hear(
    mailbox: Mailbox, sink: Sink, stop: threading.Event, cursor: str
) -> tuple[str, BaseException | None]:
    """Give what comes until told to stop, or until the way breaks; the place, and why it broke."""
    while not stop.is_set():
        try:
            content = mailbox.next()
            if content is None and str(mailbox.place) == cursor:
                mailbox.wait(stop)
                continue
        except servers.FAULTS as error:
            return cursor, error
        if content:
            sink.raw(reading.external_id(cutting.opened(content)[0]), content)
        if str(mailbox.place) != cursor:
            cursor = str(mailbox.place)
            sink.at(cursor)
    return cursor, None


class Mailbox:
    """An open folder, and the place in it."""

    def __init__(self, settings: Access, context: ssl.SSLContext, cursor: str) -> None:
        self._client = servers.imap(settings.imap, context, most=cutting.MOST + _MARGIN)
        self._waiting: deque[int] = deque()
        try:
            self._idles = self._client.has_capability("IDLE")
            self.place = self._begin(settings, place_of(cursor))
        except BaseException:
            servers.hang_up(self._client)
            raise

    def _begin(self, settings: Access, kept: Place | None) -> Place:
        status = select(self._client, settings.folder)
        validity, today = int(status.get(b"UIDVALIDITY", 0)), now().date()
        if kept is not None and kept.validity == validity:
            return kept
        newest = self._newest(status)
        since = kept.day - timedelta(days=_AGAIN_DAYS) if kept else today - timedelta(days=settings.days_back)
        if kept is None and not settings.days_back:
            return Place(validity, newest, today)
        found = self._client.search(["SINCE", since])
        return Place(validity, min([*found, newest + 1]) - 1, today)

    def _newest(self, status: dict[bytes, Any]) -> int:
        """The number of the newest mail; servers may leave out which the next one will be."""
        if b"UIDNEXT" in status:
            return int(status[b"UIDNEXT"]) - 1
        return max(self._client.search(["UID", "*"]), default=0)

    def next(self) -> bytes | None:
        """The next mail, and the place moved on to it; None where there is none. Empty for one that has gone meanwhile."""
        if not self._waiting:
            self._waiting.extend(self._new())
        if not self._waiting:
            return None
        content = self._fetched(self._waiting[0])
        self.place = Place(self.place.validity, self._waiting.popleft(), now().date())
        return content

    def _new(self) -> list[int]:
        """Mails after the place. One that comes while it is asked is told of with the answer, and never again: then it is asked anew."""
        for _again in range(5):
            told = self._client.told_of()
            found = self._client.search(
                ["UID", f"{self.place.number + 1}:*"]
            )  # gives the newest one, even where none is new
            new = sorted(number for number in found if number > self.place.number)
            if new or self._client.told_of() == told:
                return new
        return []

    def _fetched(self, number: int) -> bytes:
        """A mail; what can be had of one that is too large, or that its server cannot give."""
        size = _of(self._client.fetch([number], ["RFC822.SIZE"]), number, b"RFC822.SIZE")
        if size is None:
            return b""
        if int(size) > cutting.MOST:
            return self._cut(number, int(size))
        try:
            content = _of(self._client.fetch([number], ["BODY.PEEK[]"]), number, b"BODY[]")
        except IMAPClientAbortError:
            raise
        except IMAPClientError:  # the server stumbles over this one; the next ones must not wait for it
            return self._cut(number, int(size))
        return cutting.whole(content) if content else b""

    def _cut(self, number: int, size: int) -> bytes:
        headers = self._part(number, "HEADER", cutting.MOST_HEADERS) or self._unreadable(number)
        texts: list[tuple[bytes, bytes]] = []
        left_out: list[cutting.Piece] = []
        for piece in self._pieces(number):
            if piece.is_text and len(texts) < cutting.MOST_TEXTS:
                # A mail that is all text has no headers of a part.
                head = self._part(number, f"{piece.section}.MIME", 8192) or _content_headers(headers)
                texts.append((head, self._part(number, piece.section, cutting.MOST_TEXT)))
            if not piece.is_text or piece.size > cutting.MOST_TEXT:
                left_out.append(piece)
        return cutting.made(headers, texts, left_out, size)

    def _pieces(self, number: int) -> list[cutting.Piece]:
        try:
            structure = _of(self._client.fetch([number], ["BODYSTRUCTURE"]), number, b"BODYSTRUCTURE")
        except IMAPClientAbortError:
            raise
        except (IMAPClientError, RecursionError):
            return []
        return cutting.pieces(structure)

    def _part(self, number: int, section: str, most: int) -> bytes:
        try:
            found = self._client.fetch([number], [f"BODY.PEEK[{section}]<0.{most}>"])
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            return b""
        content = _of(found, number, f"BODY[{section}]<0>".encode())
        return content[:most] if isinstance(content, bytes) else b""

    def _unreadable(self, number: int) -> bytes:
        """A mail of which the server gives nothing: a person is to look for it."""
        return f"Message-ID: <{self.place.validity}.{number}@unreadable.invalid>\r\n".encode()

    def wait(self, stop: threading.Event) -> None:
        """Until something may have come, at most for a while."""
        if not self._idles:
            stop.wait(POLL_SECONDS)
            self._client.noop()
            return
        self._client.idle()
        end = time.monotonic() + IDLE_SECONDS
        while not stop.is_set() and time.monotonic() < end:
            if self._client.heard(_LOOK_SECONDS):
                break
        self._client.idle_done()

    def close(self) -> None:
        servers.hang_up(self._client)


def select(client: Any, folder: str) -> dict[bytes, Any]:
    """Open a folder for reading only; what the server says of it. Raises NoSuchFolder."""
    try:
        status: dict[bytes, Any] = client.select_folder(folder, readonly=True)
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        raise servers.NoSuchFolder(f"{folder} ({error})") from error
    return status


def _of(found: dict[int, Any], number: int, what: bytes) -> Any:
    return found.get(number, {}).get(what)


def _content_headers(headers: bytes) -> bytes:
    lines: list[bytes] = []
    for line in headers.replace(b"\r\n", b"\n").split(b"\n"):
        if line[:1] in b" \t" and lines and line:
            lines[-1] += b"\r\n" + line
        elif line:
            lines.append(line)
    return b"\r\n".join(line for line in lines if line.lower().startswith(b"content-"))
