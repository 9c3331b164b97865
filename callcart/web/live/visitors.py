"""`/sip` for a visitor's page in a web call: let in by a ticket that opens once, for the one account of that call, until the call is over.

Nothing leaves such a page but what a rung telephone says: it registers its own account, answers, and hangs up. A request that would begin
something (a call above all) is not handed on; it is written down, and that was the page's last word.
"""

from __future__ import annotations

import re
import time
from uuid import UUID

from callcart.contact.voice import public as voice
from callcart.core.errors import NotSignedIn, PermissionDenied, TooMany
from callcart.core.events import Event
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import tenant_by_host
from callcart.web.live import metrics
from callcart.web.live.access import Caller, in_database
from callcart.web.live.listeners import Because, Guest

MOST_AT_ONCE = 2000  # of one live process
BURST, A_SECOND = 40.0, 2.0  # frames
# Lines that begin a request: a frame holds one message, but whoever writes it by hand may try two.
_REQUEST = re.compile(r"^\s*([A-Za-z][\w!%*+`'~.-]*)[ \t]+\S+[ \t]+SIP/\d", re.MULTILINE | re.ASCII)
_ANSWER = re.compile(r"\s*SIP/2\.0 [1-6]\d\d")
# The exchange's parser takes more than anybody writes: lines that go on in the next one, newlines of half a pair, a second message behind
# the first. Of a telephone in a page nothing of that ever comes, so whatever could be read in two ways is not handed on.
_BEGINS = re.compile(r"(?:[A-Za-z]+ \S+ SIP/2\.0|SIP/2\.0 [1-6]\d\d[^\r\n]*)(?=\r\n)", re.ASCII)
_ODD = re.compile(r"\r(?!\n)|(?<!\r)\n|\n[ \t]|\x00")
_BEGINS_ANOTHER = re.compile(r"SIP/2\.0[ \t]*(?=[\r\n]|\Z)", re.IGNORECASE)
_TO = re.compile(r"^(?:To|t)[ \t]*:(.*)", re.MULTILINE | re.IGNORECASE)
_TAG = re.compile(r";[ \t]*tag[ \t]*=", re.IGNORECASE)
_OWN = re.compile(r"[ \t]*<sips?:([^@>\s]+)@[^<>\"]*>[^<>\"]*")
_IN_A_CALL = frozenset({"INVITE", "UPDATE", "INFO", "PRACK", "BYE"})


class TooManyPages(TooMany):
    """Too many calls by pages just now. Try again in a moment."""

    code = "live.too_many_pages"


class Overstepped(PermissionDenied):
    """A page is rung; it calls nobody."""

    code = "live.overstepped"


class Pages:
    """The visitors' pages whose signalling goes through this process."""

    def __init__(self) -> None:
        self._by_account: dict[UUID, Guest] = {}

    def hear(self, event: Event) -> None:
        """Every event of every tenant: a call that is over closes its page's way."""
        if event.kind == "guest.ended":
            guest = self._by_account.get(_account_of(event))
            if guest is not None and guest.tenant_id == event.tenant_id:
                guest.end(Because.CALL_OVER)

    async def let_in(self, caller: Caller, ticket: str) -> Visit:
        """Raises NotSignedIn, TooManyPages."""
        if len(self._by_account) >= MOST_AT_ONCE:
            raise TooManyPages
        tenant_id, found = await in_database(_known, caller.host, ticket)
        visit = Visit(Guest(tenant_id, found.account_id, found.account_id), found)
        former = self._by_account.get(found.account_id)
        if former is not None:
            former.end(Because.LEFT)
        self._by_account[found.account_id] = visit.guest
        return visit

    def leaves(self, guest: Guest) -> None:
        if self._by_account.get(guest.staff_id) is guest:
            del self._by_account[guest.staff_id]

    def everybody(self) -> list[Guest]:
        return list(self._by_account.values())


class Visit:
    """One page's frames, looked at before they are handed on."""

    def __init__(self, guest: Guest, who: voice.GuestIn) -> None:
        self.guest, self.who = guest, who
        self._left, self._at = BURST, time.monotonic()

    async def allow(self, frame: str | bytes) -> None:
        """Raises Overstepped: the frame is not handed on, and the connection ends."""
        moment = time.monotonic()
        self._left = min(BURST, self._left + (moment - self._at) * A_SECOND) - 1
        self._at = moment
        method = "flood" if self._left < 0 else overstep(frame, self.who.username)
        if method:
            metrics.OVERSTEPPED.labels(method if method in metrics.METHODS else "other").inc()
            await in_database(_write_down, self.guest.tenant_id, self.who.account_id, method)
            raise Overstepped


def overstep(frame: str | bytes, username: str) -> str:
    """What a frame asks for that a rung page may not: the method of the request, or empty."""
    text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
    if not text.strip():
        return ""  # a sign of life
    methods: list[str] = [each.upper() for each in _REQUEST.findall(text)]
    if not methods:
        return "" if _ANSWER.match(text) and _is_one(text) else "unreadable"
    for method in methods:
        if method == "REGISTER" and len(methods) == 1 and _is_own(text, username):
            continue
        if method in ("ACK", "CANCEL") or (method in _IN_A_CALL and _is_within(text) and len(methods) == 1):
            continue
        return method[:20]
    return "" if _is_one(text) else "unreadable"


def _is_one(text: str) -> bool:
    """Whether a frame is one message, and can be read in one way only."""
    plain = text.lstrip("\r\n")
    begins = _BEGINS.match(plain)
    if begins is None or _ODD.search(plain.partition("\r\n\r\n")[0]):
        return False
    return _BEGINS_ANOTHER.search(plain, begins.end()) is None


def _to(text: str) -> str:
    """The To of the message, where it has one: what stands below its headers is none."""
    found = _TO.findall(text.lstrip("\r\n").partition("\r\n\r\n")[0])
    return found[0].rstrip("\r") if len(found) == 1 else ""


def _is_within(text: str) -> bool:
    """Whether a request belongs to a call that there is: its To has a tag, behind the address and not in a name before it."""
    return _TAG.search(_to(text).rpartition(">")[2]) is not None


def _is_own(text: str, username: str) -> bool:
    """Whether a registration is for the page's own account."""
    to = _OWN.fullmatch(_to(text))
    return to is not None and to[1] == username


def _known(host: str, ticket: str) -> tuple[int, voice.GuestIn]:
    tenant = tenant_by_host(host)
    if tenant is None:
        raise NotSignedIn
    with tenant_transaction(tenant.id):
        found = voice.come_in(ticket)
    if found is None:
        raise NotSignedIn
    return tenant.id, found


def _write_down(tenant_id: int, account_id: UUID, method: str) -> None:
    with tenant_transaction(tenant_id):
        voice.page_refused(account_id, method)


def _account_of(event: Event) -> UUID:
    try:
        return UUID(str(event.data.get("account_id")))
    except ValueError:
        return UUID(int=0)
