"""Shapes that all of Amazon's calls share, and how a body becomes a typed request or a sentence about its fault.

Unknown fields are ignored at every level, since Amazon may add attributes at any time; they stay in the stored body.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

# A body nested deeper than this is refused. Python's own limit depends on who reads: what a web worker could still
# read, a task might not, and its trip would never be priced.
DEEPEST = 400

UUID = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$"

Uuid = Annotated[
    str,
    Meta(
        pattern=UUID,
        max_length=36,
        description="A UUID of any version.",
    ),
]
Text255 = Annotated[str, Meta(min_length=1, max_length=255)]
MaybeEmpty255 = Annotated[str, Meta(max_length=255)]

# Pages and samples differ: time and place of an event have two names, and the time two types.
EventTime = str | int | float
Location = Literal["ENTRY", "EXIT", "MANUAL_IN_STORE"]


class Malformed(Exception):
    """The body breaks the contract; the text names the field and is the answer's errorMsg."""


class Shape(msgspec.Struct, rename="camel", frozen=True):
    """Base of all wire shapes: camelCase outside, snake_case inside."""


class ErrorBody(msgspec.Struct):
    """Amazon: create_purchases. The body of every answer of ours that is an error."""

    errorMsg: str


AnyShape = TypeVar("AnyShape", bound=Shape)

_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_TEXT_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_FIELD = re.compile(r"`(?P<field>[^`]+)`$")
_PATTERN = re.compile(r"matching regex '(?P<pattern>.*)'$")
_PATTERN_IN_WORDS = {UUID: "in the form of a UUID", DECIMAL: "that holds a decimal number such as 1.0"}


def parse(decoder: msgspec.json.Decoder[AnyShape], body: bytes) -> AnyShape:
    """Decode and validate. Raises Malformed with a text that names the field."""
    request = _decode(decoder, body)
    if body.count(b"[") + body.count(b"{") > DEEPEST and _depth(body) > DEEPEST:
        raise Malformed("the body is nested too deeply")
    if b"\\u0000" in body:
        for path, value in _texts(msgspec.to_builtins(request), ""):
            if "\0" in value:
                raise Malformed(f"{path}: must not contain the character \\u0000")
    return request


def _decode(decoder: msgspec.json.Decoder[AnyShape], body: bytes) -> AnyShape:
    if not body.strip():
        raise Malformed("the body is empty")
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise Malformed(_in_words(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"the body is not JSON: {error}") from error
    except RecursionError as error:
        raise Malformed("the body is nested too deeply") from error


def as_utc(moment: datetime) -> datetime:
    """Amazon's times are in UTC; one without a zone is taken as such."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _in_words(message: str) -> str:
    """msgspec's message with the field first: `shoppingTrip.startTime: Expected `str`, got `null``."""
    at = _AT.search(message)
    path = at["path"] if at else ""
    text = message[: at.start()] if at else message
    if text.startswith("Object missing required field") and (field := _FIELD.search(text)):
        path = f"{path}.{field['field']}" if path else field["field"]
        text = "is required"
    if pattern := _PATTERN.search(text):
        said = _PATTERN_IN_WORDS.get(pattern["pattern"].replace("\\\\", "\\"), "of another form")
        text = text[: pattern.start()] + said
    return f"{path or 'the body'}: {text}"


def _depth(body: bytes) -> int:
    deepest = depth = 0
    for token in _TEXT_OR_BRACKET.finditer(body):
        bracket = token[0]
        if bracket in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in b"]}":
            depth -= 1
    return deepest


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")
