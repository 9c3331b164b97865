"""Carriers without an interface: a file goes to them with the parcels they are to take, and files come back with numbers and
scans.

A file's columns are found by their headings, in any order, in either language; what cannot be read is told by row, and the
other rows are taken. The same file a second time changes nothing.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from callcart.commerce.shipping.carrier import Scan
from callcart.commerce.shipping.carriers import get_carrier
from callcart.commerce.shipping.models import Carrier, Parcel, ParcelState
from callcart.commerce.shipping.report import TrackingTaken, locked_parcel
from callcart.commerce.shipping.tracking import take_scans
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid
from callcart.core.tenancy import tenant_transaction
from callcart.core.text import clean
from callcart.people.tenants.public import get_tenant

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 100_000
_SHOWN_PROBLEMS = 200

_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "parcel": (
        "parcel",
        "parcel number",
        "our number",
        "reference",
        "包裹号",
        "商家单号",
        "客户单号",
        "参考号",
    ),
    "tracking": ("tracking", "tracking number", "tracking no", "waybill", "运单号", "快递单号", "物流单号"),
    "status": ("status", "state", "event", "状态", "物流状态", "扫描类型"),
    "time": ("time", "date", "when", "event time", "时间", "扫描时间", "操作时间"),
    "place": ("place", "location", "city", "地点", "网点", "扫描网点"),
    "text": ("text", "description", "details", "remark", "说明", "描述", "备注"),
}
# What carriers write in such files, compared without case, gaps and signs.
_STATES: Mapping[ParcelState, tuple[str, ...]] = {
    ParcelState.HANDED_OVER: ("collected", "picked up", "pickup", "accepted", "handed over", "已揽收", "揽收", "揽件", "已揽件"),
    ParcelState.IN_TRANSIT: (
        "in transit", "transit", "arrived", "departed", "sorted", "运输中", "在途", "到件", "发件", "中转", "到达", "离开",
    ),
    ParcelState.OUT_FOR_DELIVERY: ("out for delivery", "loaded", "with driver", "派送中", "派件", "派送", "派件中"),
    ParcelState.AT_PICKUP: ("at pickup", "ready for collection", "available for pickup", "待取件", "待自提", "已入柜", "驿站代收"),
    ParcelState.ATTEMPT_FAILED: ("attempt failed", "not home", "delivery failed", "派送失败", "派件失败", "未妥投"),
    ParcelState.EXCEPTION: ("exception", "held up", "wrong address", "problem", "问题件", "异常", "疑难件", "地址错误"),
    ParcelState.REFUSED: ("refused", "rejected", "拒收", "拒签", "客户拒收"),
    ParcelState.DELIVERED: ("delivered", "signed", "pod", "已签收", "签收", "妥投", "已妥投"),
    ParcelState.RETURNING: ("returning", "return to sender", "退回中", "退件", "退回", "退件中"),
    ParcelState.RETURNED: ("returned", "已退回", "退回签收", "退件签收"),
    ParcelState.LOST: ("lost", "missing", "遗失", "丢失", "丢件"),
}  # fmt: skip
_WORDS = {re.sub(r"[\W_]+", "", word.casefold()): state for state, words in _STATES.items() for word in words}
_TIMES = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%Y年%m月%d日 %H:%M",
)
_AMERICAN = ("%m-%d-%Y %H:%M:%S", "%m-%d-%Y %H:%M", "%m-%d-%Y %I:%M %p", "%m-%d-%Y %I:%M:%S %p")


class UnreadableFile(Conflict):
    """This file cannot be read: %(why)s"""

    code = "shipping.unreadable_file"
    status = 422


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row; rows count from 1, the headings are row 1."""

    row: int
    said: str


@dataclass
class FileResult:
    """What a file did. `unknown` are numbers that are nobody's here."""

    rows: int = 0
    numbered: int = 0
    scans: int = 0
    known: int = 0
    unknown: list[str] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    def refuse(self, row: int, said: str) -> None:
        if len(self.problems) < _SHOWN_PROBLEMS:
            self.problems.append(RowProblem(row, said))


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or GBK, with or without a mark. Raises UnreadableFile."""
    if len(data) > MOST_BYTES:
        raise UnreadableFile(why=gettext("it is larger than 20 MB."))
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    ):  # fmt: skip
        if data.startswith(mark):
            return _decode(data, (encoding,))
    if b"\0" in data[:2000]:
        # without a mark; in tables the separators alone tell which half of a character is zero
        return _decode(
            data, ("utf-16-le",) if data[1:2000:2].count(0) >= data[0:2000:2].count(0) else ("utf-16-be",)
        )
    return _decode(data, ("utf-8", "gb18030"))


def _decode(data: bytes, encodings: Sequence[str]) -> str:
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(why=gettext("its characters are in no encoding we know (UTF-8, UTF-16 or GBK)."))


def take_file(actor: Actor, carrier_id: UUID, data: bytes) -> FileResult:
    """Take numbers and scans in from a carrier's file: each row that names a parcel of ours and a number gives it, each that
    has a status is a scan. Raises UnreadableFile, NotFound. Outside of a transaction: each parcel is one of its own."""
    actor.require("shipping.update")
    with tenant_transaction(actor.tenant_id):
        carrier = get_carrier(carrier_id)
        tenant = get_tenant(actor.tenant_id)
    reader = _Reader(ZoneInfo(tenant.timezone), american=tenant.country == "US")
    result = FileResult()
    rows = _rows(decoded(data))
    scans: list[Scan] = []
    for number, row in rows:
        result.rows += 1
        _number_row(actor, carrier, number, row, result)
        if row.get("status"):
            scan = reader.scan(number, row, result)
            if scan is not None:
                scans.append(scan)
    told = take_scans(Actor.system(actor.tenant_id, carrier.name, channel="carrier"), carrier.id, scans)
    result.scans, result.known = told.new, told.known
    result.unknown += [each for each in told.unknown if each not in result.unknown]
    with tenant_transaction(actor.tenant_id):
        audit.record(
            actor,
            "shipping.take_file",
            subject=("carrier", carrier.id),
            after={"rows": result.rows, "numbers": result.numbered, "scans": result.scans},
        )
    return result


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    head = text.lstrip("\ufeff").partition("\n")[0]
    delimiter = max("\t;,", key=head.count)
    try:
        table = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableFile(why=str(error)) from error
    if len(table) > MOST_ROWS:
        raise UnreadableFile(why=gettext("it has more than 100,000 rows."))
    columns = [_column(heading) for heading in table[0]] if table else []
    if "tracking" not in columns or not {"parcel", "status"} & set(columns):
        raise UnreadableFile(
            why=gettext(
                "it needs a column for the tracking number, and one for our parcel number or for the status."
            )
        )
    return [
        (number, {name: cell.strip().lstrip("'") for name, cell in zip(columns, row, strict=False) if name})
        for number, row in enumerate(table[1:], start=2)
        if any(cell.strip() for cell in row)
    ]


def _column(heading: str) -> str:
    plain = unicodedata.normalize("NFKC", heading).strip().casefold()
    return next((name for name, spellings in _HEADINGS.items() if plain in spellings), "")


def _number_row(
    actor: Actor, carrier: Carrier, number: int, row: Mapping[str, str], result: FileResult
) -> None:
    """A row that names a parcel of ours and its number."""
    ours, tracking = row.get("parcel", ""), row.get("tracking", "")
    if not tracking:
        result.refuse(number, gettext("There is no tracking number."))
        return
    if not ours:
        return
    with tenant_transaction(actor.tenant_id):
        parcel_id = Parcel.objects.filter(number=ours).values_list("id", flat=True).first()
        if parcel_id is None:
            result.unknown.append(ours)
            return
        try:
            result.numbered += assign_tracking(actor, parcel_id, carrier_id=carrier.id, tracking=tracking)
        except (Conflict, Invalid) as error:
            result.refuse(number, error.message)


class OtherTracking(Conflict):
    """This parcel already has another tracking number."""

    code = "shipping.other_tracking"


def assign_tracking(actor: Actor, parcel_id: UUID, *, carrier_id: UUID, tracking: str) -> bool:
    """Give a parcel the number its carrier gave it; False where it has it already. Raises NotFound, Invalid, OtherTracking,
    TrackingTaken."""
    actor.require("shipping.update")
    tracking = clean(tracking)
    if not tracking or len(tracking) > 100:
        raise Invalid(fields={"tracking": gettext("Please fill this in.")})
    carrier, parcel = get_carrier(carrier_id), locked_parcel(parcel_id)
    if parcel.tracking == tracking and parcel.carried_by_id == carrier.id:
        return False
    if parcel.tracking and parcel.tracking != tracking:
        raise OtherTracking
    before = {"carrier": parcel.carrier, "tracking": parcel.tracking}
    parcel.tracking, parcel.carried_by, parcel.carrier = tracking, carrier, carrier.name
    parcel.poll_at = now() if carrier.adapter else None
    try:
        with transaction.atomic():
            parcel.save(update_fields=["tracking", "carried_by", "carrier", "poll_at"])
    except IntegrityError as error:
        raise TrackingTaken from error
    audit.record(
        actor,
        "shipping.assign_tracking",
        subject=("parcel", parcel.id),
        before=before,
        after={"carrier": carrier.code, "tracking": tracking},
    )
    events.emit(
        "shipping.numbered",
        subject=("order", parcel.order_id),
        data={"order_id": parcel.order_id, "parcel_id": parcel.id},
    )
    return True


class _Reader:
    """Reads the scans of a file. Times without a zone are the shop's; month before day only where the shop is American."""

    def __init__(self, zone: ZoneInfo, *, american: bool) -> None:
        self.zone = zone
        self.formats = (*_TIMES, *_AMERICAN) if american else _TIMES

    def scan(self, number: int, row: Mapping[str, str], result: FileResult) -> Scan | None:
        state = _WORDS.get(re.sub(r"[\W_]+", "", row["status"].casefold()))
        at = self.moment(row.get("time", ""))
        if state is None:
            result.refuse(number, gettext("This status is not known: %s") % row["status"][:60])
        if at is None:
            result.refuse(number, gettext("This time cannot be read: %s") % row.get("time", "")[:40])
        if state is None or at is None or not row.get("tracking"):
            return None
        return Scan(row["tracking"], state, at, row.get("place", ""), row.get("text", ""))

    def moment(self, text: str) -> datetime | None:
        plain = unicodedata.normalize("NFKC", text).strip()
        try:
            found = datetime.fromisoformat(plain)
            return found if found.tzinfo else found.replace(tzinfo=self.zone)
        except ValueError:
            plain = " ".join(plain.replace("/", "-").split())
        for form in self.formats:
            try:
                return datetime.strptime(plain, form).replace(tzinfo=self.zone)
            except ValueError:
                continue
        return None
