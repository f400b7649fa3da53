"""A small reader of JSON Schema: the words that `dossier.json` uses, no other."""

import re
from typing import Any

_SILENT = {"$schema", "$defs", "title", "description"}
_TYPES = {
    "object": dict, "array": list, "string": str, "integer": int, "boolean": bool,
    "null": type(None),
}  # fmt: skip


def problems(value: Any, schema: dict[str, Any], whole: dict[str, Any], at: str = "") -> list[str]:
    """Where `value` leaves the schema; an unknown word of the schema is an error of the test."""
    found: list[str] = []
    for word, said in schema.items():
        if word in _SILENT:
            continue
        elif word == "$ref":
            target = whole["$defs"][said.rsplit("/", 1)[1]]
            found += problems(value, target, whole, at)
        elif word == "type":
            names = [said] if isinstance(said, str) else said
            if not any(_is(value, name) for name in names):
                found.append(f"{at} is not {said}")
        elif word in {"const", "enum"}:
            if value not in (said if word == "enum" else [said]):
                found.append(f"{at} is {value!r}")
        elif word == "pattern":
            if isinstance(value, str) and not re.search(said, value):
                found.append(f"{at} is {value!r}")
        elif word == "required":
            found += [f"{at}.{name} is missing" for name in said if name not in value]
        elif word == "properties":
            for name in value.keys() & said.keys():
                found += problems(value[name], said[name], whole, f"{at}.{name}")
        elif word == "additionalProperties":
            found += [f"{at}.{name} is not known" for name in value.keys() - schema["properties"]]
        elif word == "items":
            for number, one in enumerate(value):
                found += problems(one, said, whole, f"{at}[{number}]")
        else:
            raise ValueError(f"not read by this test: {word}")
    return found


def _is(value: Any, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))
