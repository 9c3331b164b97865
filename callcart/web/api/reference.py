"""The page that describes the API, made from the same schema that machines read; it loads nothing from elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse

from callcart.web.http import page
from callcart.web.jinja import url

_VERBS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a shape."""

    name: str
    kind: str
    required: bool
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """One thing the API does."""

    verb: str
    path: str
    title: str
    text: str
    parameters: tuple[Field, ...]
    body: str
    answer: str

    @property
    def anchor(self) -> str:
        return f"{self.verb}-{self.path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}"


@dataclass(frozen=True, slots=True)
class Shape:
    """A named thing in JSON: its fields, or the words it may be."""

    name: str
    text: str
    fields: tuple[Field, ...]


def reference(request: HttpRequest) -> HttpResponse:
    """For anybody: it says nothing of any shop."""
    calls, shapes = _described()
    return page(request, "api/reference.html", areas=calls, shapes=shapes, schema=url("api:openapi-json"))


@cache
def _described() -> tuple[dict[str, list[Call]], list[Shape]]:
    from callcart.web.api.service import api

    schema: Mapping[str, Any] = api.get_openapi_schema()
    areas: dict[str, list[Call]] = defaultdict(list)
    for path, verbs in schema["paths"].items():
        for verb in _VERBS:
            if verb in verbs:
                areas[verbs[verb]["tags"][0]].append(_call(verb, path, verbs[verb]))
    shapes = [_shape(name, found) for name, found in sorted(schema["components"]["schemas"].items())]
    return dict(areas), [shape for shape in shapes if shape.fields]


def _call(verb: str, path: str, found: Mapping[str, Any]) -> Call:
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    responses: Mapping[Any, Mapping[str, Any]] = found["responses"]
    good = next((each for code, each in responses.items() if str(code).startswith("2")), {})
    answer = good.get("content", {}).get("application/json", {}).get("schema", {})
    return Call(
        verb=verb.upper(), path=path, title=found.get("summary", ""), text=found.get("description", ""),
        parameters=tuple(
            Field(each["name"], _kind(each["schema"]), bool(each.get("required")), each.get("description", ""))
            for each in found.get("parameters", ())
        ),
        body=_kind(body) if body else "", answer=_kind(answer) if answer else "",
    )  # fmt: skip


def _shape(name: str, found: Mapping[str, Any]) -> Shape:
    required = set(found.get("required", ()))
    fields = tuple(
        Field(key, _kind(value), key in required, value.get("description", ""))
        for key, value in found.get("properties", {}).items()
    )
    return Shape(name, found.get("description", ""), fields)


def _kind(schema: Mapping[str, Any]) -> str:
    """A schema in a few words: `list of LineGiven`, `text or nothing`, `one of: a, b`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(_kind(each) for each in schema[key]))
    if "const" in schema:
        return repr(schema["const"])
    if "enum" in schema:
        return "one of: " + ", ".join(f"“{each}”" if each == "" else str(each) for each in schema["enum"])
    match schema.get("type"):
        case "array":
            return f"list of {_kind(schema.get('items', {}))}"
        case "object":
            return "object"
        case "null":
            return "nothing"
        case "string":
            return str(schema.get("format", "text"))
        case kind:
            return str(kind or "anything")
