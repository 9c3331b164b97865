"""Where the blocks of a flow are drawn: in rows, each below all that lead to it, so that ends lie at the bottom. Pure.

A way out is a line in its block that names where it leads; arrows show the same. One to the next row is plain, one that goes
further or back is `far`, and drawn faintly: a drawing of all of them would be a net.
"""

from __future__ import annotations

from dataclasses import dataclass

from callcart.engage.ivr.blocks import NEXT, Block, Graph, reachable
from callcart.engage.ivr.labels import titles_of, way_label

WIDTH = 224
HEAD, LINE = 56, 19
GAP_X, GAP_Y = 32, 44
MARGIN = 16


@dataclass(frozen=True, slots=True)
class Out:
    """One or more ways out of a block to the same other one, in words."""

    label: str
    target: str
    title: str


@dataclass(frozen=True, slots=True)
class Box:
    """A block at its place, in pixels. `row` and `column` are for moving by keys; `loose`: no arrow leads here."""

    block: Block
    outs: tuple[Out, ...]
    x: int
    y: int
    height: int
    row: int
    column: int
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one block to another; `path` as SVG has it."""

    source: str
    target: str
    path: str
    far: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: int
    height: int


def draw(graph: Graph) -> Drawing:
    """All blocks, those that nothing leads to in the last row."""
    rows, reached, titles = _rows(graph), set(reachable(graph)), titles_of(graph)
    outs = {block.id: _outs(graph, block, titles) for block in graph.blocks.values()}
    widest = max((len(row) for row in rows), default=1)
    boxes: dict[str, Box] = {}
    y = MARGIN
    for number, row in enumerate(rows):
        left = MARGIN + (widest - len(row)) * (WIDTH + GAP_X) // 2
        for column, block_id in enumerate(row):
            height = HEAD + LINE * len(outs[block_id])
            boxes[block_id] = Box(
                graph.blocks[block_id], outs[block_id], left + column * (WIDTH + GAP_X), y, height, number, column,
                block_id not in reached,
            )  # fmt: skip
        y += max(boxes[block_id].height for block_id in row) + GAP_Y
    width = 2 * (MARGIN + GAP_X) + widest * (WIDTH + GAP_X) - GAP_X
    return Drawing(tuple(boxes.values()), tuple(_arrows(boxes)), width, max(y - GAP_Y + MARGIN, HEAD))


def _outs(graph: Graph, block: Block, titles: dict[str, str]) -> tuple[Out, ...]:
    """Ways out by where they lead; the plain way on needs no words where there is no other."""
    targets: dict[str, list[str]] = {}
    for way, target in block.arrows.items():
        if target in graph.blocks:
            targets.setdefault(target, []).append(way)
    if list(block.arrows) == [NEXT]:
        return ()
    return tuple(
        Out(", ".join(way_label(block, way) for way in names), target, titles[target])
        for target, names in targets.items()
    )


def _rows(graph: Graph) -> list[list[str]]:
    depth = _depths(graph)
    rows: list[list[str]] = [[] for _each in range(max(depth.values(), default=-1) + 1)]
    for block_id, row_of in depth.items():
        rows[row_of].append(block_id)
    place: dict[str, float] = {}
    for number, row in enumerate(rows):
        if number:
            row.sort(key=lambda block_id: _under(graph, block_id, place))
        place |= {block_id: column - (len(row) - 1) / 2 for column, block_id in enumerate(row)}
    loose = [block_id for block_id in graph.blocks if block_id not in depth]
    return [*rows, loose] if loose else rows


def _depths(graph: Graph) -> dict[str, int]:
    """How many blocks at most lie before each, arrows back left aside: an arrow is one that leads to a block which is being
    walked through (depth first, without recursion)."""
    forward: dict[str, list[str]] = {}
    order: list[str] = []
    under_way: set[str] = set()
    ahead = [(graph.start, False)] if graph.start in graph.blocks else []
    while ahead:
        block_id, done = ahead.pop()
        if done:
            under_way.discard(block_id)
            order.append(block_id)
        elif block_id not in forward:
            under_way.add(block_id)
            targets = [
                target
                for target in dict.fromkeys(graph.blocks[block_id].arrows.values())
                if target in graph.blocks
            ]
            forward[block_id] = [target for target in targets if target not in under_way]
            ahead.append((block_id, True))
            ahead += [(target, False) for target in forward[block_id]]
    depth = dict.fromkeys(reversed(order), 0)
    for block_id in depth:
        for target in forward[block_id]:
            depth[target] = max(depth[target], depth[block_id] + 1)
    return depth


def _under(graph: Graph, block_id: str, place: dict[str, float]) -> float:
    """The middle of those already placed that lead here."""
    above = [
        place[key]
        for key, block in graph.blocks.items()
        if key in place and block_id in block.arrows.values()
    ]
    return sum(above) / len(above) if above else 0.0


def _arrows(boxes: dict[str, Box]) -> list[Arrow]:
    made = []
    for box in boxes.values():
        targets = [target for target in dict.fromkeys(box.block.arrows.values()) if target in boxes]
        for place, target in enumerate(sorted(targets, key=lambda key: boxes[key].x)):
            made.append(_arrow(box, boxes[target], box.x + WIDTH * (place + 1) // (len(targets) + 1)))
    return made


def _arrow(source: Box, target: Box, x: int) -> Arrow:
    """Down from the lower edge; back and sideways round the right."""
    top, end = source.y + source.height, target.x + WIDTH // 2
    if target.row > source.row:
        bend = max(GAP_Y // 2, (target.y - top) // 2)
        path = f"M{x} {top} C{x} {top + bend} {end} {target.y - bend} {end} {target.y}"
        return Arrow(source.block.id, target.block.id, path, target.row > source.row + 1)
    right, y, end = source.x + WIDTH, source.y + source.height // 2, target.y + target.height // 2
    over = max(right, target.x + WIDTH) + GAP_X
    path = f"M{right} {y} C{over} {y} {over} {end} {target.x + WIDTH} {end}"
    return Arrow(source.block.id, target.block.id, path, far=True)
