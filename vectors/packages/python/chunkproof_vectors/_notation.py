"""Values of dataclasses from the JSON of case files and back."""

from __future__ import annotations

import functools
import types
import typing
from base64 import b64decode, b64encode
from dataclasses import MISSING, Field, fields, is_dataclass
from importlib.resources import files

DATA = files(__package__) / "data"


class NotKnown(Exception):
    """Something that a later version of the set has and this version of the package does not know."""


@functools.cache
def _members(kind: type) -> list[tuple[Field, typing.Any]]:
    hints = typing.get_type_hints(kind)
    return [(field, hints[field.name]) for field in fields(kind)]


def decode(kind: typing.Any, value: typing.Any) -> typing.Any:
    """A value of this type. Unknown members of objects are ignored."""
    if kind is bytes:
        return _bytes(value)
    if kind is int:
        return int(value)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return None if value is None else decode(arguments[0], value)
    if origin is list:
        return [decode(arguments[0], item) for item in value]
    if origin is dict:
        return {key: decode(arguments[1], member) for key, member in value.items()}
    if is_dataclass(kind):
        return kind(**{field.name: decode(hint, value[field.name]) for field, hint in _members(kind) if field.name in value})
    return value


def _bytes(value: typing.Any) -> bytes:
    if isinstance(value, str):
        return b64decode(value, validate=True)
    match value:
        case {"text": text}:
            return text.encode()
        case {"hex": digits}:
            return bytes.fromhex(digits)
        case {"base64": text}:
            return b64decode(text, validate=True)
        case {"blob": name}:
            return (DATA / "blobs" / name).read_bytes()
        case {"parts": parts}:
            return b"".join(map(_part, parts))
    raise NotKnown(f"notation of bytes {', '.join(value)}")


def _part(part: dict[str, str]) -> bytes:
    piece, then, times = b64decode(part["base64"]), b64decode(part.get("then", "")), int(part["times"])
    if "number" not in part:
        return (piece + then) * times
    first = int(part["number"])
    return b"".join(b"%b%d%b" % (piece, number, then) for number in range(first, first + times))


def encode(value: typing.Any) -> typing.Any:
    """A value as JSON, without the members that hold nothing, which may be absent."""
    if is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in fields(value) if getattr(value, field.name) != _default(field)}
    if isinstance(value, dict):
        members = {key: encode(member) for key, member in value.items()}
        return {key: member for key, member in members.items() if member is not None and member != {} and member != []}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return b64encode(value).decode()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _default(field: Field) -> typing.Any:
    return MISSING if field.default is MISSING else field.default
