"""Every list by keyset says where its index is entered: beside `a < x or (a = x and id < i)`, which the database compares row by
row from the first on, there stands the bound `a <= x`. Without it the last page of a long list costs as much as all of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "callcart"


def _named(call: ast.expr) -> list[str]:
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Q":
        return [each.arg for each in call.keywords if each.arg]
    return []


def _alternatives(function: ast.AST) -> Iterator[str]:
    """The bound that each `Q(a__lt=x) | Q(a=x, id__lt=i)` of a function asks for."""
    for node in ast.walk(function):
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)):
            continue
        beyond, same = _named(node.left), _named(node.right)
        if len(beyond) == 1 and beyond[0].endswith(("__lt", "__gt")):
            key, way = beyond[0][:-4], beyond[0][-2:]
            if f"id__{way}" in same and set(same) <= {key, f"id__{way}"}:
                yield f"{key}__{way}e"


def _unbounded(text: str) -> list[str]:
    found = []
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef):
            # in a filter, not in the alternatives themselves
            bounds = {
                each.arg
                for call in ast.walk(function)
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
                for each in call.keywords
            }
            found += [f"{function.name}: {each}" for each in _alternatives(function) if each not in bounds]
    return found


def test_a_list_without_bound_is_found() -> None:
    page = "def page(rows, a, i):\n    return rows.filter(Q(at__lt=a) | Q(at=a, id__lt=i){bound})"
    assert _unbounded(page.format(bound="")) == ["page: at__lte"]
    assert _unbounded(page.format(bound=", at__gte=a")) == ["page: at__lte"]
    assert _unbounded(page.format(bound=", at__lte=a")) == []


def test_every_list_enters_its_index_where_the_page_begins() -> None:
    found = {
        str(path.relative_to(ROOT)): wrong
        for path in sorted(ROOT.rglob("*.py"))
        if "migrations" not in path.parts and (wrong := _unbounded(path.read_text()))
    }
    assert found == {}
