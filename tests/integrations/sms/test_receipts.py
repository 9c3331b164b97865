from __future__ import annotations

import pytest

from callcart.integrations.sms import receipts
from callcart.integrations.sms.pdu import Tag
from tests.integrations.sms.lines import said

TEXT = b"id:0123456789 sub:001 dlvrd:001 submit date:2611300312 done date:2611300313 stat:DELIVRD err:000 text:id:9 stat:UNDELIV"


def told(content: bytes, esm_class: int = 4, **tlvs: bytes) -> tuple[str, bool | None, str] | None:
    found = receipts.read(
        said(content, esm_class=esm_class, tlvs={Tag[name]: value for name, value in tlvs.items()})
    )
    return (found.message_id, found.delivered, found.words) if found else None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (TEXT, ("0123456789", True, "DELIVRD")),
        (b"id:ab-12 sub:1 dlvrd:0 submit date:261130031205 done date:261130031305 stat:UNDELIV err:012 Text:", ("ab-12", False, "UNDELIV, error 012")),
        (b"ID:77 STAT:expired ERR:0", ("77", False, "EXPIRED")),
        (b"stat:REJECTD err:99 id:5", ("5", False, "REJECTD, error 99")),
        (b"id:77 submit_date:2611300312 done_date:2611300312 stat:DELIVERED", ("77", True, "DELIVERED")),
        (b"id=77, stat=DELETED, err=3", ("77", False, "DELETED, error 3")),
        (b"id:77 sub:001 dlvrd:000 stat:ENROUTE err:000", ("77", None, "ENROUTE")),
        (b"id:77 stat:ACCEPTD", ("77", None, "ACCEPTD")),
        (b"id:77 stat:UNKNOWN err:1", ("77", None, "UNKNOWN, error 1")),
        (b"id:77 stat:", ("77", None, "")),
        (b"id:77", ("77", None, "")),
        (b"delivered, thank you", None),
        (b"", None),
        (b"\xff\x00\xfe", None),
    ],
)  # fmt: skip
def test_receipts_of_several_centres(content: bytes, expected: tuple[str, bool | None, str] | None) -> None:
    assert told(content) == expected


def test_parameters_count_more_than_the_text() -> None:
    assert told(
        TEXT, RECEIPTED_MESSAGE_ID=b"FF01\0", MESSAGE_STATE=b"\x05", NETWORK_ERROR=b"\x03\x00\x11"
    ) == (
        "FF01",
        False,
        "DELIVRD, error 17",
    )
    assert told(b"", RECEIPTED_MESSAGE_ID=b"9", MESSAGE_STATE=b"\x02") == ("9", True, "DELIVRD")


def test_an_intermediate_word_of_failure_decides_nothing() -> None:
    assert told(b"id:7 stat:UNDELIV err:1", 0x20) == ("7", None, "UNDELIV, error 1")
    assert told(b"id:7 stat:DELIVRD", 0x20) == ("7", True, "DELIVRD")


def test_a_customer_who_types_a_receipt_has_typed_a_text() -> None:
    assert not receipts.is_receipt(said(TEXT))
    assert not receipts.is_receipt(said(TEXT, esm_class=0x40))
    assert receipts.is_receipt(said(TEXT, esm_class=0x04)) and receipts.is_receipt(said(TEXT, esm_class=0x44))
    by_parameters = said(b"", tlvs={Tag.RECEIPTED_MESSAGE_ID: b"9\0", Tag.MESSAGE_STATE: b"\x02"})
    assert receipts.is_receipt(by_parameters)


@pytest.mark.parametrize(
    ("answer", "answer_form", "receipt", "receipt_form"),
    [
        ("1A2B3C", "hex", "1715004", "decimal"),
        ("1715004", "decimal", "0x1a2b3c", "hex"),
        ("0000000042", "same", "42", "same"),
        ("AB-cd", "same", "ab-CD ", "same"),
        ("000", "same", "0", "same"),
        ("not hex", "hex", "NOT HEX", "decimal"),
    ],
)
def test_an_answer_and_its_receipt_meet(
    answer: str, answer_form: str, receipt: str, receipt_form: str
) -> None:
    assert receipts.canonical(answer, answer_form) == receipts.canonical(receipt, receipt_form)
