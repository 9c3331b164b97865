"""Where the blocks of a flow are drawn: in rows by how far they are from the beginning, arrows between them. Pure.

Rows follow the nearest way from the start; in a row blocks stand below those they come from, as far as there is room.
"""

from __future__ import annotations

from dataclasses import dataclass

from callcart.engage.ivr.blocks import Block, Graph, reachable
from callcart.engage.ivr.labels import way_label

WIDTH, HEIGHT = 200, 68
GAP_X, GAP_Y = 36, 64
MARGIN = 16


@dataclass(frozen=True, slots=True)
class Box:
    """A block at its place, in pixels. `row` and `column` are for moving by keys; `loose`: no arrow leads here."""

    block: Block
    x: int
    y: int
    row: int
    column: int
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one block to another, by one or more ways out. `path`: as SVG has it; `back`: against the direction."""

    source: str
    target: str
    label: str
    path: str
    x: int
    y: int
    back: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: int
    height: int


def draw(graph: Graph) -> Drawing:
    """All blocks, those that nothing leads to in the last row."""
    rows = _rows(graph)
    widest = max((len(row) for row in rows), default=1)
    boxes: dict[str, Box] = {}
    reached = set(reachable(graph))
    for number, row in enumerate(rows):
        left = MARGIN + (widest - len(row)) * (WIDTH + GAP_X) // 2
        for column, block_id in enumerate(row):
            x, y = left + column * (WIDTH + GAP_X), MARGIN + number * (HEIGHT + GAP_Y)
            boxes[block_id] = Box(graph.blocks[block_id], x, y, number, column, block_id not in reached)
    width = 2 * MARGIN + widest * (WIDTH + GAP_X) - GAP_X + 2 * GAP_X
    height = 2 * MARGIN + len(rows) * (HEIGHT + GAP_Y) - GAP_Y
    return Drawing(tuple(boxes.values()), tuple(_arrows(graph, boxes)), width, max(height, HEIGHT))


def _rows(graph: Graph) -> list[list[str]]:
    depth: dict[str, int] = {}
    for block_id in reachable(graph):
        own = depth.setdefault(block_id, 0)
        for target in graph.blocks[block_id].arrows.values():
            if target in graph.blocks and target not in depth:
                depth[target] = own + 1
    rows: list[list[str]] = [[] for _each in range(max(depth.values(), default=-1) + 1)]
    place: dict[str, float] = {}
    for block_id, own in depth.items():
        rows[own].append(block_id)
    for row_number, row in enumerate(rows):
        if row_number:
            row.sort(key=lambda block_id: _under(graph, block_id, place))
        place |= {block_id: column - len(row) / 2 for column, block_id in enumerate(row)}
    loose = [block_id for block_id in graph.blocks if block_id not in depth]
    return [*rows, loose] if loose else rows


def _under(graph: Graph, block_id: str, place: dict[str, float]) -> float:
    """The middle of those already placed that lead here."""
    above = [
        place[key]
        for key, block in graph.blocks.items()
        if key in place and block_id in block.arrows.values()
    ]
    return sum(above) / len(above) if above else 0.0


def _arrows(graph: Graph, boxes: dict[str, Box]) -> list[Arrow]:
    made = []
    for block in graph.blocks.values():
        targets: dict[str, list[str]] = {}
        for way, target in block.arrows.items():
            if target in boxes:
                targets.setdefault(target, []).append(way_label(block, way) if way != "next" else "")
        for place, (target, labels) in enumerate(targets.items()):
            made.append(_arrow(boxes[block.id], boxes[target], labels, place, len(targets)))
    return made


def _arrow(source: Box, target: Box, labels: list[str], place: int, of: int) -> Arrow:
    """Down from the lower edge, ways out side by side; back and sideways round the right."""
    x = source.x + WIDTH * (place + 1) // (of + 1)
    label = ", ".join(each for each in labels if each)
    if target.row > source.row:
        top, bottom = source.y + HEIGHT, target.y
        end, half = target.x + WIDTH // 2, (bottom - top) // 2
        path = f"M{x} {top} C{x} {top + half} {end} {bottom - half} {end} {bottom}"
        return Arrow(source.block.id, target.block.id, label, path, x + 4, top + 14 + 11 * (place % 3), False)
    right, y, end = source.x + WIDTH, source.y + HEIGHT // 2, target.y + HEIGHT // 2
    over = max(right, target.x + WIDTH) + GAP_X // 2 + 6 * place
    path = f"M{right} {y} C{over + GAP_X} {y} {over + GAP_X} {end} {target.x + WIDTH} {end}"
    return Arrow(source.block.id, target.block.id, label, path, right + 4, y - 6 + 11 * (place % 3), True)
