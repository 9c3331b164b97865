"""Product pictures: flat drawings put together from a shape, a palette and an emblem. The same input gives the
same bytes, so a picture kept by its content is kept once.
"""

from __future__ import annotations

from string import Template

from callcart.demo.data import shapes_goods, shapes_home
from callcart.demo.data.palettes import PALETTES

SHAPES = {**shapes_home.SHAPES, **shapes_goods.SHAPES}
EMBLEMS = shapes_goods.EMBLEMS

_FRAME = Template(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="800" height="800">'
    '<rect width="400" height="400" fill="$bg"/><circle cx="$x" cy="190" r="166" fill="$bg2"/>'
    '<path d="M0 322h400v78H0z" fill="$bg2" opacity=".75"/>'
    '<ellipse cx="200" cy="324" rx="150" ry="13" fill="$b" opacity=".2"/>$drawing</svg>'
)


def draw(shape: str, palette: str, emblem: str = "", *, turn: int = 0) -> bytes:
    """One picture as SVG. `turn` moves the backdrop, for a second view of the same thing."""
    colours = vars_of(palette)
    mark = Template(EMBLEMS[emblem]).substitute(colours)
    drawing = Template(SHAPES[shape]).substitute(colours, e=mark)
    if turn:
        drawing = f'<g transform="translate(200 322) scale(1.32) translate(-200 -322)">{drawing}</g>'
    return _FRAME.substitute(colours, drawing=drawing, x=(200, 262, 138)[turn % 3]).encode()


def vars_of(palette: str) -> dict[str, str]:
    found = PALETTES[palette]
    return {"a": found.a, "b": found.b, "c": found.c, "d": found.d, "bg": found.bg, "bg2": found.bg2}
