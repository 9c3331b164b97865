"""500 waybills as one PDF, the way the worker prints them: boxes numbered, values read, pages drawn, the file kept. Against reportlab drawing as
many pages that bear nothing but a Code 128 of the same number, in the same run: what no printing of ours could be faster than.
"""

from __future__ import annotations

import io
import time
from typing import Any

from bench import Figure, say
from bench._installation import own_installation

WAYBILLS = 500
PORTION = 10  # orders made in one transaction
LEAST_RATIO = 0.03  # of the floor's pages a second; a whole waybill has twenty elements to a floor's one


def run() -> list[Figure]:
    """Pages a second of both."""
    with own_installation():
        from tests.shops import make_harbor

        tenant = make_harbor()
        taken, number = _printed(tenant)
        floor = _floor(number)
        say(f"{WAYBILLS} waybills in {taken:.1f} s; as many bare Code 128 pages in {floor:.1f} s")
        return [
            Figure(
                f"{WAYBILLS}-waybill PDF", WAYBILLS / taken, "pages/s", WAYBILLS / floor, "bare Code 128 pages", least_ratio=LEAST_RATIO
            ),
            Figure(f"{WAYBILLS}-waybill PDF, all in all", taken, "s"),
        ]  # fmt: skip


def _printed(tenant: Any) -> tuple[float, str]:
    """Seconds that printing takes, and one of the numbers."""
    from callcart.commerce.fulfilment import printing
    from callcart.commerce.fulfilment.models import Box, PrintJob
    from callcart.commerce.orders.public import confirm_order
    from callcart.commerce.shipping.public import Dispatch
    from callcart.core.tenancy import tenant_session, tenant_transaction
    from tests.commerce.shop import open_shop

    with tenant_transaction(tenant.id):
        shop = open_shop(tenant)
        for sku in "ABC":
            shop.goods(sku, west=WAYBILLS * 2)
    for _portion in range(WAYBILLS // PORTION):
        with tenant_transaction(tenant.id):
            for _order in range(PORTION):
                order = shop.place(("A", 1), ("B", 2), ("C", 1))
                confirm_order(shop.boss, order.id, version=order.version)
    with tenant_transaction(tenant.id):
        wanted = list(Dispatch.objects.order_by("id").values_list("id", flat=True))
        job = printing.print_waybills(shop.boss, wanted[:WAYBILLS])
    began = time.perf_counter()
    with tenant_session(tenant.id):
        printing.run_print(job_id=str(job.id))
    taken = time.perf_counter() - began
    with tenant_transaction(tenant.id):
        ended = PrintJob.objects.get(id=job.id)
        if (ended.state, ended.done) != ("done", WAYBILLS):
            raise RuntimeError(f"{ended.state}: {ended.done} waybills, {ended.failure}")
        return taken, Box.objects.order_by("id")[0].number


def _floor(number: str) -> float:
    from reportlab.graphics.barcode.code128 import Code128
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    began = time.perf_counter()
    canvas = Canvas(io.BytesIO(), pagesize=(100 * mm, 150 * mm), pageCompression=1)
    for _page in range(WAYBILLS):
        Code128(number, barWidth=0.5 * mm, barHeight=20 * mm).drawOn(canvas, 8 * mm, 110 * mm)
        canvas.showPage()
    canvas.save()
    return time.perf_counter() - began
