"""Printing waybills, one or many: a job numbers the boxes, draws them into one file on disk and puts it into the file store.

It may be killed anywhere and run again: a box's number is given once, whoever asks, and the boxes are marked printed in the
transaction that ends the job. Printing again is allowed and said: how many were printed before, and when.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

from django.db.models import F, Prefetch
from django.utils import translation
from django.utils.translation import gettext
from reportlab.pdfgen.canvas import Canvas

from callcart.commerce.fulfilment.drawing import draw
from callcart.commerce.fulfilment.filling import values_of
from callcart.commerce.fulfilment.layout import Layout
from callcart.commerce.fulfilment.models import Box, Packing, PrintJob, PrintState, Template
from callcart.commerce.fulfilment.packing import ensure_packing
from callcart.commerce.fulfilment.place import PACK, check_place, places_of
from callcart.commerce.fulfilment.templates import checked_layout, get_template, layouts_for
from callcart.commerce.shipping.public import Dispatch, DispatchState
from callcart.core import audit, events, files, jobs
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import AppError, Conflict, Invalid, NotFound
from callcart.core.tenancy import current_tenant, tenant_transaction

MOST_WAYBILLS = 500
PORTION = 50
MOST_PROBLEMS = 100


class NothingToPrint(Conflict):
    """There is nothing to print: these documents were cancelled, or all have their waybills."""

    code = "fulfilment.nothing_to_print"


def print_waybills(
    actor: Actor, dispatch_ids: Sequence[UUID], *, template_id: UUID | None = None, language: str = ""
) -> PrintJob:
    """Begin to print the waybills of documents, all boxes of each, in the order given; without a template each carrier's own.
    Raises NotFound, PermissionDenied, Invalid, NothingToPrint."""
    actor.require(PACK)
    actor.require("customers.see_phone")
    wanted = list(dict.fromkeys(dispatch_ids))
    if not 0 < len(wanted) <= MOST_WAYBILLS:
        said = gettext("Choose 1 to %(most)s documents.") % {"most": MOST_WAYBILLS}
        raise Invalid(fields={"dispatch": said})
    template = get_template(template_id) if template_id else None
    found = Dispatch.objects.filter(id__in=wanted).exclude(state=DispatchState.CANCELLED).in_bulk()
    for place in {each.warehouse_id for each in found.values()}:
        check_place(actor, place)
    if not found:
        raise NothingToPrint
    if template is not None:
        checked_layout(template)
    else:
        layouts_for(each.carrier for each in found.values())
    before = Box.objects.filter(packing__dispatch_id__in=list(found), prints__gt=0)
    job = PrintJob.objects.create(
        template=template, dispatch_ids=[each for each in wanted if each in found], made_at=now(), staff_id=actor.id, staff_name=actor.name,
        reprints=before.count(), last_printed_at=before.order_by("-printed_at").values_list("printed_at", flat=True).first(),
    )  # fmt: skip
    audit.record(
        actor, "fulfilment.print_waybills", subject=("print_job", job.id),
        after={"documents": len(job.dispatch_ids), "printed_before": job.reprints},
    )  # fmt: skip
    jobs.defer(run_print, job_id=str(job.id), language=language or translation.get_language() or "en")
    return job


def print_missing(
    actor: Actor, *, state: str, warehouse_id: UUID | None = None, carrier: str = "", language: str = ""
) -> PrintJob:
    """The waybills of documents in a state that have none yet, the longest waiting first, as many as one file takes. Raises
    NothingToPrint."""
    places = [each.id for each in places_of(actor) if warehouse_id in (None, each.id)]
    rows = Dispatch.objects.filter(state=state, warehouse_id__in=places)
    if carrier:
        rows = rows.filter(carrier=carrier)
    printed = Packing.objects.filter(boxes__prints__gt=0).values("dispatch_id")
    wanted = list(rows.exclude(id__in=printed).order_by("id").values_list("id", flat=True)[:MOST_WAYBILLS])
    if not wanted:
        raise NothingToPrint
    return print_waybills(actor, wanted, language=language)


def get_print(actor: Actor, job_id: UUID) -> PrintJob:
    """Somebody's own job, or anybody's for who works everywhere. Raises NotFound."""
    scope = actor.require(PACK).scope
    found = PrintJob.objects.filter(id=job_id).select_related("template").first()
    if found is None or (scope and found.staff_id != actor.id):
        raise NotFound
    return found


def list_prints(actor: Actor, *, after: UUID | None = None, limit: int = 50) -> list[PrintJob]:
    """Print jobs, the newest first; where the actor's warehouses are few, their own."""
    rows = PrintJob.objects.order_by("-id").select_related("template")
    if actor.require(PACK).scope:
        rows = rows.filter(staff_id=actor.id)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows[:limit])


@jobs.job(queue="default", retry=3, atomic=False)
def run_print(*, job_id: str, language: str = "en") -> None:
    """Number, draw, keep. A second run of a job that has ended does nothing."""
    tenant_id = current_tenant()
    with tenant_transaction(tenant_id):
        job = PrintJob.objects.filter(id=UUID(job_id)).first()
    if job is None or job.state in {PrintState.DONE, PrintState.FAILED}:
        return
    try:
        with translation.override(language):
            _print(tenant_id, job)
    except AppError as error:
        with tenant_transaction(tenant_id):
            problem = (
                " ".join(error.fields.values())
                if isinstance(error, Invalid) and error.fields
                else error.message
            )
            PrintJob.objects.filter(id=job.id, state__in=[PrintState.QUEUED, PrintState.RUNNING]).update(
                state=PrintState.FAILED, failure=problem[:1000], ended_at=now()
            )
            _tell(job)


def _print(tenant_id: int, job: PrintJob) -> None:
    for portion in _portions(job.dispatch_ids):
        with tenant_transaction(tenant_id):
            _number(portion)
    with tenant_transaction(tenant_id):
        ids = _boxes_of(job)
        PrintJob.objects.filter(id=job.id).update(box_ids=ids, state=PrintState.RUNNING, done=0)
        layouts = _layouts(job)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "waybills.pdf"
        problems = _draw(tenant_id, job, ids, layouts, path)
        with tenant_transaction(tenant_id):
            _keep(job, ids, path, problems)


def _portions(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (ids[start : start + PORTION] for start in range(0, len(ids), PORTION))


def _number(dispatch_ids: Sequence[UUID]) -> None:
    """Each document has a first box with a number, made by whoever needs it first."""
    numbered = set(
        Packing.objects.filter(dispatch_id__in=dispatch_ids, boxes__position=1).values_list(
            "dispatch_id", flat=True
        )
    )
    missing = [each for each in dispatch_ids if each not in numbered]
    for dispatch in Dispatch.objects.filter(id__in=missing).order_by("id"):
        ensure_packing(dispatch)


def _boxes_of(job: PrintJob) -> list[UUID]:
    place = {dispatch_id: number for number, dispatch_id in enumerate(job.dispatch_ids)}
    rows = Box.objects.filter(packing__dispatch_id__in=job.dispatch_ids)
    found = rows.values_list("id", "packing__dispatch_id", "position")
    return [box for box, _dispatch, _position in sorted(found, key=lambda each: (place[each[1]], each[2]))]


def _layouts(job: PrintJob) -> dict[UUID, Layout]:
    """By document."""
    carriers = dict(Dispatch.objects.filter(id__in=job.dispatch_ids).values_list("id", "carrier"))
    if job.template_id is not None:
        layout = checked_layout(Template.objects.get(id=job.template_id))
        return dict.fromkeys(carriers, layout)
    by_name = layouts_for(carriers.values())
    return {dispatch_id: by_name[name] for dispatch_id, name in carriers.items()}


def _draw(
    tenant_id: int, job: PrintJob, ids: Sequence[UUID], layouts: dict[UUID, Layout], path: Path
) -> list[dict[str, str]]:
    canvas = Canvas(str(path), pageCompression=1)
    canvas.setTitle(gettext("Waybills"))
    problems: list[dict[str, str]] = []
    for number, portion in enumerate(_portions(ids)):
        with tenant_transaction(tenant_id):
            rows = Box.objects.select_related("packing").prefetch_related(
                "lines", Prefetch("packing__boxes", Box.objects.only("id", "packing_id", "position"))
            )
            boxes = rows.in_bulk(portion)
            values = values_of([boxes[each] for each in portion if each in boxes])
            PrintJob.objects.filter(id=job.id).update(done=number * PORTION)
        for each in portion:
            if each in boxes:
                box = boxes[each]
                for problem in draw(canvas, layouts[box.packing.dispatch_id], values[each]):
                    problems.append({"waybill": box.number, "problem": problem})
    canvas.save()
    return problems


def _keep(job: PrintJob, ids: Sequence[UUID], path: Path, problems: list[dict[str, str]]) -> None:
    """The file is there, and what is on it counts as printed: once, however often the job ran."""
    key = files.put(path, kind="waybills", suffix=".pdf")
    ended = PrintJob.objects.filter(id=job.id, state=PrintState.RUNNING).update(
        state=PrintState.DONE, done=len(ids), file=key, problems=problems[:MOST_PROBLEMS], ended_at=now()
    )
    if ended:
        Box.objects.filter(id__in=list(ids)).update(
            prints=F("prints") + 1, printed_at=now(), printed_by=job.staff_name
        )
        _tell(job)


def _tell(job: PrintJob) -> None:
    events.emit("print_job.changed", subject=("print_job", job.id), data={"job_id": job.id})
