"""From the OpenAPI contract to what its page shows."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter or a field: its name (indented by `depth`), its type in French, its use."""

    name: str
    kind: str
    required: bool
    description: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    """A verb and an address. ``example`` is a request; ``examples`` are others, with titles."""

    id: str
    verb: str
    path: str
    summary: str
    description: str
    parameters: tuple[Value, ...]
    body: tuple[Value, ...]
    answer: tuple[Value, ...]
    statuses: tuple[str, ...]
    example: str
    examples: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The operations of one subject."""

    title: str
    operations: tuple[Operation, ...]


_TYPES = {"string": "texte", "integer": "entier", "number": "nombre", "boolean": "vrai ou faux",
          "null": "rien", "object": "objet"}  # fmt: skip


def sections(schema: Json) -> list[Section]:
    """Group the operations of `schema` (an OpenAPI document) by subject, in their order."""
    schema = json.loads(json.dumps(schema))  # as it is served: statuses become texts
    found: dict[str, list[Operation]] = {}
    for path, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            made = _operation(schema, path, verb.upper(), operation)
            found.setdefault(operation["tags"][0], []).append(made)
    return [Section(title, tuple(operations)) for title, operations in found.items()]


def _operation(schema: Json, path: str, verb: str, operation: Json) -> Operation:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    content = operation["responses"]["200"]["content"]["application/json"]["schema"]
    first, *others = _examples(schema, path, verb, body) or [("", "")]
    return Operation(
        id=operation["operationId"],
        verb=verb,
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        parameters=tuple(
            Value(
                p["name"],
                kind_in_words(schema, p["schema"]),
                p.get("required", False),
                p.get("description") or p["schema"].get("description", ""),
            )
            for p in operation.get("parameters", [])
        ),
        body=tuple(_fields(schema, body["schema"])) if body else (),
        answer=tuple(_fields(schema, content)),
        statuses=tuple(str(status) for status in operation["responses"]),
        example=first[1],
        examples=tuple(others),
    )


def _examples(schema: Json, path: str, verb: str, body: Json) -> list[tuple[str, str]]:
    """Requests, with their titles: those that the body names, else one made of its fields."""
    if not body:
        return []
    named = [(one["summary"], one["value"]) for one in body.get("examples", {}).values()]
    fields = _followed(schema, body["schema"])["properties"]
    sent = {name: field["examples"][0] for name, field in fields.items() if "examples" in field}
    head = f"{verb} {path}\nContent-Type: application/json\n\n"
    return [(title, head + json.dumps(value, ensure_ascii=False, indent=2))
            for title, value in named or [("", sent)]]  # fmt: skip


def _followed(schema: Json, part: Json) -> Json:
    """What `part` refers to: itself, a component, or its only choice that is not nothing."""
    if "$ref" in part:
        return _followed(schema, schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]])
    for key in ("anyOf", "allOf"):
        choices = [c for c in part.get(key, []) if c.get("type") != "null"]
        if len(choices) == 1:
            return _followed(schema, choices[0])
    return part


def kind_in_words(schema: Json, part: Json) -> str:
    """« texte », « liste de textes », « l'un de : local, national »…"""
    nothing = any(c.get("type") == "null" for c in part.get("anyOf", []))
    real = _followed(schema, part)
    if "enum" in real:
        text = "l'un de : " + ", ".join(map(str, real["enum"]))
    elif real.get("type") == "array":
        inner = kind_in_words(schema, real["items"])
        text = "liste" if inner == "objet" else f"liste ({inner})"
    elif real.get("format") == "date":
        text = "date (AAAA-MM-JJ)"
    elif "anyOf" in real:
        kinds = (c.get("type", "") for c in real["anyOf"])
        text = " ou ".join(_TYPES.get(kind, "texte") for kind in kinds if kind != "null")
    else:
        text = _TYPES.get(real.get("type", ""), "valeur")
    return f"{text}, ou rien" if nothing else text


def _fields(schema: Json, part: Json, depth: int = 0) -> Iterator[Value]:
    """Fields of an object and, indented, those of the objects that it holds."""
    real = _followed(schema, part)
    required = set(real.get("required", []))
    for name, field in real.get("properties", {}).items():
        yield Value(
            name,
            kind_in_words(schema, field),
            name in required,
            field.get("description", ""),
            depth,
        )
        inner = _followed(schema, field)
        if inner.get("type") == "array":
            inner = _followed(schema, inner["items"])
        if depth < 2 and inner.get("properties"):
            yield from _fields(schema, inner, depth + 1)
