"""Print jobs: one number a box however often they run, progress, reprints that are told."""

from __future__ import annotations

import io

import pypdfium2
import pytest

from callcart.commerce.fulfilment import printing
from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.fulfilment.models import Box, PrintJob
from callcart.commerce.orders.public import cancel_order
from callcart.core import files
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from tests.commerce.fulfilment.conftest import Dock


class Killed(BaseException):
    """The worker is gone."""


@pytest.fixture(autouse=True)
def in_the_test(monkeypatch: pytest.MonkeyPatch, tenant: object) -> None:
    """The job's own transactions are savepoints of the test's."""
    from django.db import transaction

    monkeypatch.setattr(printing, "tenant_transaction", lambda tenant_id: transaction.atomic())


def pages(job: PrintJob) -> list[str]:
    body = files.path(job.file).read_bytes()
    return [each.get_textpage().get_text_bounded() for each in pypdfium2.PdfDocument(io.BytesIO(body))]


def test_a_page_a_box_in_the_order_given(dock: Dock) -> None:
    clerk = dock.clerk()
    one, two = dock.dispatch(("A", 2)), dock.dispatch(("B", 1))
    dock.packed(clerk, two, "B")
    packing = fulfilment.begin_packing(clerk, one.id)
    fulfilment.scan_items(clerk, packing.id, ["A"], idempotency_key="k")
    fulfilment.new_box(clerk, packing.id)
    job = fulfilment.print_waybills(clerk, [two.id, one.id])
    assert (job.state, job.done, job.reprints) == ("queued", 0, 0)
    printing.run_print(job_id=str(job.id))
    job.refresh_from_db()
    boxes = [Box.objects.get(packing__dispatch_id=two.id), *Box.objects.filter(packing__dispatch_id=one.id)]
    assert (job.state, job.done, job.box_ids, job.problems) == ("done", 3, [each.id for each in boxes], [])
    for box, text in zip(boxes, pages(job), strict=True):
        assert box.number in text and "Ada Example" in text
    assert [text.split("Swift")[1].split()[0] for text in pages(job)] == ["1/1", "1/2", "2/2"]
    assert {(each.prints, each.printed_by) for each in Box.objects.all()} == {(1, "Wei")}
    assert AuditEntry.objects.filter(action="fulfilment.print_waybills", subject_id=job.id).count() == 1


@pytest.mark.parametrize("where", ["_number", "draw", "_keep", "put"])
def test_a_worker_killed_anywhere_goes_on_and_makes_no_second_number(
    dock: Dock, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    found = [dock.dispatch(("A", 1)) for _ in range(3)]
    job = fulfilment.print_waybills(dock.clerk(), [each.id for each in found])
    monkeypatch.setattr(printing, "PORTION", 1)
    place = printing.files if where == "put" else printing
    real, calls = getattr(place, where), [0]

    def dies(*arguments: object, **named: object) -> object:
        calls[0] += 1
        if calls[0] == (2 if where in {"_number", "draw"} else 1):
            raise Killed
        return real(*arguments, **named)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(place, where, dies)
        printing.run_print(job_id=str(job.id))
    before = {each.packing_id: each.number for each in Box.objects.all()}
    for _twice in range(2):
        printing.run_print(job_id=str(job.id))
    job.refresh_from_db()
    after = {each.packing_id: each.number for each in Box.objects.all()}
    assert (job.state, len(after), len(set(after.values()))) == ("done", 3, 3)
    assert before.items() <= after.items()
    assert {each.prints for each in Box.objects.all()} == {1}
    assert len(pages(job)) == 3


def test_printing_again_says_so_and_keeps_the_number(dock: Dock) -> None:
    clerk, found = dock.clerk(), dock.dispatch(("A", 1))
    first = fulfilment.print_waybills(clerk, [found.id])
    printing.run_print(job_id=str(first.id))
    box = Box.objects.get()
    again = fulfilment.print_waybills(clerk, [found.id])
    assert (again.reprints, again.last_printed_at) == (1, box.printed_at)
    printing.run_print(job_id=str(again.id))
    assert (Box.objects.get().number, Box.objects.get().prints) == (box.number, 2)


def test_all_that_have_none_yet(dock: Dock) -> None:
    clerk = dock.clerk()
    first, second = dock.dispatch(("A", 1)), dock.dispatch(("A", 1))
    printing.run_print(job_id=str(fulfilment.print_waybills(clerk, [first.id]).id))
    job = fulfilment.print_missing(clerk, state="waiting")
    assert job.dispatch_ids == [second.id]
    printing.run_print(job_id=str(job.id))
    with pytest.raises(fulfilment.NothingToPrint):
        fulfilment.print_missing(clerk, state="waiting")
    with pytest.raises(fulfilment.NothingToPrint):
        fulfilment.print_missing(dock.clerk(scope="east"), state="waiting")


def test_who_may_not_print_prints_nothing(dock: Dock) -> None:
    found = dock.dispatch(("A", 1))
    for actor in (
        dock.clerk(scope="east"),
        dock.shop.staff("shipping.pack"),
        dock.shop.staff("customers.see_phone"),
    ):
        with pytest.raises(PermissionDenied):
            fulfilment.print_waybills(actor, [found.id])
    with pytest.raises(Invalid):
        fulfilment.print_waybills(dock.clerk(), [new_id() for _ in range(501)])
    cancel_order(dock.shop.boss, found.order_id, reason="no more", version=2)
    with pytest.raises(fulfilment.NothingToPrint):
        fulfilment.print_waybills(dock.clerk(), [found.id])
    assert (PrintJob.objects.count(), Box.objects.count()) == (0, 0)


def test_what_does_not_fit_is_on_the_job(dock: Dock) -> None:
    clerk, found = dock.clerk(), dock.dispatch(("A", 1))
    code = {"kind": "code128", "x": 5, "y": 5, "w": 60, "h": 15, "field": "waybill.number"}
    tiny = {"kind": "text", "x": 5, "y": 30, "w": 4, "h": 2, "field": "receiver.address"}
    design = dock.shop.staff("fulfilment.design")
    draft = fulfilment.TemplateDraft(name="Tiny", width=100, height=60, elements=[code, tiny])
    made = fulfilment.save_template(design, draft)
    job = fulfilment.print_waybills(clerk, [found.id], template_id=made.id)
    printing.run_print(job_id=str(job.id))
    job.refresh_from_db()
    assert job.problems == [
        {"waybill": Box.objects.get().number, "problem": "“Receiver's address, whole” does not fit whole."}
    ]
