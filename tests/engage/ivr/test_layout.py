"""Where blocks are drawn: below what leads to them, none over another."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings

from callcart.engage.ivr.blocks import Graph
from callcart.engage.ivr.layout import GAP_X, WIDTH, draw
from callcart.engage.ivr.shipped import shipped
from tests.engage.ivr.graphs import block, flow
from tests.engage.ivr.test_engine import graphs


def test_ends_lie_below_all_that_leads_to_them() -> None:
    rows = {box.block.id: box.row for box in draw(shipped()).boxes}
    assert rows["greeting"] == 0
    assert rows["language"] == 1
    assert all(rows["person"] > rows[other] for other in ("menu", "order", "no_order", "after_order"))
    assert rows["after_order"] == rows["order"] + 1, "an arrow back does not count"


def test_ways_out_are_named_by_where_they_lead() -> None:
    drawn = {box.block.id: box for box in draw(shipped()).boxes}
    assert [(out.label, out.title) for out in drawn["menu"].outs] == [
        ("Key 1", "Read out the order"), ("Key 2, Key 0, Silence, Too many wrong tries", "To a person"),
    ]  # fmt: skip
    assert drawn["greeting"].outs == ()


def test_arrows_that_go_far_or_back_are_faint() -> None:
    graph = flow(
        a=block("menu", k1="b", k2="c", silence="c", wrong="c"),
        b=block("menu", k1="a", silence="c", wrong="c"),
        c=block("queue"),
    )
    assert {(arrow.source, arrow.target): arrow.far for arrow in draw(graph).arrows} == {
        ("a", "b"): False, ("a", "c"): True, ("b", "a"): True, ("b", "c"): False,
    }  # fmt: skip


@settings(max_examples=60)
@given(graph=graphs())
def test_no_block_is_missing_or_lies_over_another(graph: Graph) -> None:
    drawing = draw(graph)
    assert {box.block.id for box in drawing.boxes} == set(graph.blocks)
    for row in {box.row for box in drawing.boxes}:
        across = sorted(box.x for box in drawing.boxes if box.row == row)
        assert all(later - earlier >= WIDTH + GAP_X for earlier, later in pairwise(across))
    bottoms = {
        box.row: max(each.y + each.height for each in drawing.boxes if each.row == box.row)
        for box in drawing.boxes
    }
    assert all(box.y > bottoms[box.row - 1] for box in drawing.boxes if box.row)
    assert all(
        box.x + WIDTH <= drawing.width and box.y + box.height <= drawing.height for box in drawing.boxes
    )
