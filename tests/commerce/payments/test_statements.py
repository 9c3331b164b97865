"""Bank statements: a file once, a line once, in any encoding; certain lines booked, others proposed, none lost."""

from __future__ import annotations

import pytest

from callcart.commerce.payments import finance
from callcart.commerce.payments.matching import Debt, Why, numbers_in, propose, same_name
from callcart.commerce.payments.models import LineState, PaymentState, Receipt, StatementLine
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.exchange.sources import UnreadableFile
from callcart.core.ids import new_id, spoken
from tests.commerce.payments.books import Books, lines, usd

HEAD = "Date,Amount,Payer,Purpose,Reference"


def _line(books: Books, text: str) -> StatementLine:
    books.statement(f"{HEAD}\n{text}\n")
    return StatementLine.objects.latest("id")


def test_a_certain_line_is_booked_and_the_order_paid(books: Books) -> None:
    payment = books.owe(5000)
    taken = books.statement(f"{HEAD}\n2026-11-02,50.00,Ada Example,Order {spoken(payment.order_number)},T1\n")
    line = StatementLine.objects.get()
    assert (line.proposed_id, line.confidence, line.why) == (payment.id, 99, ["number", "amount", "name"])
    assert finance.book_certain(books.boss, taken.statement.id) == finance.Booked(1, 0)
    assert finance.book_certain(books.boss, taken.statement.id) == finance.Booked(0, 0)
    receipt = Receipt.objects.get()
    assert (receipt.method, receipt.amount_minor, receipt.reference, receipt.holder) == (
        "bank_transfer", 5000, "T1", "Harbor Bank 01",
    )  # fmt: skip
    assert books.again(payment).state == PaymentState.PAID
    books.adds_up()


def test_a_file_or_a_line_that_comes_again_does_nothing_twice(books: Books) -> None:
    text = f"{HEAD}\n2026-11-02,50.00,Ada,x,T1\n2026-11-02,50.00,Ada,x,T1\n"
    first = books.statement(text)
    assert (first.statement.lines_new, first.known) == (2, 0)  # two alike in one file are two
    with pytest.raises(finance.KnownFile):
        books.statement(text)
    second = books.statement(text + "2026-11-03,7.00,Bob,y,T2\n")
    assert (second.statement.lines_new, second.known) == (1, 2)
    assert StatementLine.objects.count() == 3
    other = books.statement(text, account="Another bank")
    assert other.statement.lines_new == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_chinese_bank_in_any_encoding(books: Books, encoding: str) -> None:
    payment = books.owe(123456, payer="王小明")
    text = lines(
        f"""
        账户明细清单,,,,
        账号：6222 0000,,,,
        交易日期,收入,支出,对方户名,摘要
        2026年11月2日,"1,234.56",,王小明,订单{payment.order_number}货款
        20261103,,20.00,供水公司,水费缴纳
        合计,"1,234.56",20.00,,
        """
    )
    taken = books.statement(text, encoding=encoding)
    incoming, outgoing = StatementLine.objects.order_by("row")
    assert (incoming.amount_minor, incoming.payer, incoming.confidence) == (123456, "王小明", 99)
    assert (outgoing.amount_minor, outgoing.state) == (-2000, LineState.IGNORED)
    assert list(taken.wrong) == [6]  # the total at the end is no line, and it is said so


def test_the_mapping_of_a_bank_is_remembered(books: Books) -> None:
    path = books.file("Tag;Soll und Haben;Wer\n03.11.2026;12,50;Ada\n")
    seen = finance.look_at_statement(books.boss, path, "f.csv", account="Bank B")
    assert seen.layout.columns["day"] == ""
    layout = finance.Layout({"day": "Tag", "amount": "Soll und Haben", "payer": "Wer"}, decimal=",")
    with pytest.raises(Invalid) as refused:
        finance.take_in_statement(books.boss, path, "f.csv", account="", layout=finance.Layout())
    assert sorted(refused.value.fields) == ["account", "amount", "day"]
    finance.take_in_statement(books.boss, path, "f.csv", account="Bank B", layout=layout)
    assert StatementLine.objects.get().amount_minor == 1250
    again = books.file("Tag;Soll und Haben;Wer\n04.11.2026;7,00;Ada\n")
    remembered = finance.look_at_statement(books.boss, again, "g.csv", account="Bank B")
    assert dict(remembered.layout.columns) | {"text": "", "credit": "", "debit": "", "reference": ""} == {
        "day": "Tag", "amount": "Soll und Haben", "payer": "Wer", "text": "", "credit": "", "debit": "", "reference": "",
    }  # fmt: skip


def test_rows_that_cannot_be_read_are_said_and_the_others_kept(books: Books) -> None:
    payment = books.owe(5000)
    taken = books.statement(
        f"{HEAD}\n2026-13-02,50.00,a,b,c\n2026-11-02,fifty,a,b,c\n,5.00,a,b,c\n2026-11-02,50.00,=cmd|x,{payment.order_number},c\n"
    )
    assert sorted(taken.wrong) == [2, 3, 4]
    assert StatementLine.objects.get().payer == "=cmd|x"  # a text like any other


def test_no_table_or_no_line_is_refused(books: Books) -> None:
    for text, error in (
        ("\x89PNG\x01\x02\x03\x04" * 50, UnreadableFile),
        (HEAD + "\n", Invalid),
        ("", UnreadableFile),
    ):
        with pytest.raises(error):
            finance.look_at_statement(books.boss, books.file(text), "x.csv", account="A")


def test_partial_and_over_payments(books: Books) -> None:
    payment = books.owe(5000)
    part = _line(books, f"2026-11-02,20.00,Ada,{payment.order_number},T1")
    assert (part.confidence, part.why) == (60, ["number", "part"])
    finance.book_line(books.boss, part.id)
    assert books.again(payment).state == PaymentState.PART_PAID
    over = _line(books, f"2026-11-03,40.00,Ada,{payment.order_number},T2")
    assert "over" in over.why
    finance.book_line(books.boss, over.id)
    assert books.refunds(payment.order_id) == [(1000, "bank_transfer", "due")]
    books.adds_up()


def test_one_transfer_for_two_orders(books: Books) -> None:
    one, two = books.owe(5000), books.owe(3000)
    line = _line(books, "2026-11-02,80.00,Ada,two cups,T1")
    finance.book_line(books.boss, line.id, order_number=spoken(one.order_number), amount=usd(5000))
    line.refresh_from_db()
    assert (line.state, line.left_minor) == (LineState.OPEN, 3000)
    with pytest.raises(Invalid):
        finance.book_line(books.boss, line.id, order_number=two.order_number, amount=usd(3001))
    finance.book_line(books.boss, line.id, order_number=two.order_number)
    line.refresh_from_db()
    assert line.state == LineState.BOOKED
    with pytest.raises(finance.LineDone):
        finance.book_line(books.boss, line.id, order_number=two.order_number, amount=usd(1))
    books.adds_up()


def test_a_match_is_undone_by_voiding_its_receipt(books: Books) -> None:
    payment = books.owe(5000)
    line = _line(books, f"2026-11-02,50.00,Ada,{payment.order_number},T1")
    receipt = finance.book_line(books.boss, line.id)
    finance.void_receipt(books.boss, receipt.id, reason="another order was meant")
    line.refresh_from_db()
    assert (line.state, line.left_minor) == (LineState.OPEN, 5000)
    assert books.again(payment).state == PaymentState.DUE
    books.adds_up()


def test_what_is_not_certain_is_passed_over(books: Books) -> None:
    payment = books.owe(5000)
    taken = books.statement(
        f"{HEAD}\n2026-11-02,50.00,Ada Example,thanks,T1\n2026-11-02,49.99,Ada,{payment.order_number},T2\n"
    )
    assert finance.book_certain(books.boss, taken.statement.id) == finance.Booked(0, 0)
    assert not Receipt.objects.exists()


def test_a_certain_line_whose_order_was_paid_meanwhile_is_passed_over(books: Books) -> None:
    payment = books.owe(5000)
    taken = books.statement(f"{HEAD}\n2026-11-02,50.00,Ada,{payment.order_number},T1\n")
    books.receive(payment, 5000)
    assert finance.book_certain(books.boss, taken.statement.id) == finance.Booked(0, 1)
    assert books.again(payment).captured_minor == 5000


def test_money_of_nobody_goes_back_to_its_sender(books: Books) -> None:
    line = _line(books, "2026-11-02,50.00,Zed,who knows,T1")
    with pytest.raises(Invalid) as refused:
        finance.book_line(books.boss, line.id)
    assert list(refused.value.fields) == ["order"]
    with pytest.raises(Invalid):
        finance.lay_aside(books.boss, line.id, state=LineState.GOING_BACK, note=" ")
    finance.lay_aside(books.boss, line.id, state=LineState.GOING_BACK, note="no order")
    with pytest.raises(PermissionDenied):
        finance.sent_back(books.clerk(reconcile=None, pay_out=4999), line.id, reference="T9")
    finance.sent_back(books.boss, line.id, reference="T9")
    line.refresh_from_db()
    assert (line.state, line.note) == (LineState.RETURNED, "no order\nT9")
    with pytest.raises(finance.LineDone):
        finance.reopen_line(books.boss, line.id)


def test_a_line_laid_aside_can_wait_again(books: Books) -> None:
    line = _line(books, "2026-11-02,50.00,Zed,interest,T1")
    finance.lay_aside(books.boss, line.id, state=LineState.IGNORED, note="interest")
    assert finance.count_lines(books.boss).open == 0
    finance.reopen_line(books.boss, line.id)
    assert finance.count_lines(books.boss) == finance.LineCounts(open=1, certain=0, likely=0, none=1)


def test_who_may_not_reconcile_changes_nothing(books: Books) -> None:
    payment = books.owe(5000)
    line = _line(books, f"2026-11-02,50.00,Ada,{payment.order_number},T1")
    for clerk in (
        books.clerk(receive=None),
        books.clerk(reconcile=None),
        books.clerk(reconcile=None, receive=4999),
    ):
        with pytest.raises(PermissionDenied):
            finance.book_line(clerk, line.id)
    with pytest.raises(PermissionDenied):
        finance.look_at_statement(books.clerk(), books.file(HEAD), "x", account="A")
    with pytest.raises(NotFound):
        finance.book_line(books.boss, new_id())
    assert not Receipt.objects.exists()


def _debt(number: str, missing: int, name: str = "", *, is_open: bool = True) -> Debt:
    return Debt(new_id(), number, missing, name, is_open)


def test_numbers_are_found_however_they_are_written() -> None:
    assert numbers_in("Order 104 29, thanks") == ["10429"]
    assert numbers_in("订单１０４２９货款", "") == ["10429"]
    assert numbers_in("no. 10428", "tel 555") == []  # the check digit is wrong


def test_names_are_the_same_in_any_order() -> None:
    assert same_name("EXAMPLE, ADA", "Ada Example")
    assert not same_name("Ada Example", "Ada")
    assert not same_name("", "")


def test_a_sum_alone_is_a_weak_proposal_and_two_alike_are_none() -> None:
    one, two = _debt("1", 500), _debt("2", 500)
    found = propose(500, "Zed", [], [one])
    assert found is not None and (found.confidence, found.why) == (30, (Why.AMOUNT, Why.ONLY_ONE))
    assert propose(500, "Zed", [], [one, two]) is None
    named = _debt("3", 500, "Zed")
    best = propose(500, "zed", [], [one, named])
    assert best is not None and (best.payment_id, best.confidence) == (named.payment_id, 70)
    paid = _debt("4", 0)
    settled = propose(500, "Zed", [paid], [])
    assert settled is not None and settled.why == (Why.NUMBER, Why.SETTLED)
