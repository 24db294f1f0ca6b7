"""What a test case is: which bodies are sent, which statuses may come, and what the answer must hold."""

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from sandbox.connectivity.calls import Caller, Reply
from sandbox.connectivity.setup import Setup

UNKNOWN_STORE = "NO-SUCH-STORE-0000"
TOO_LONG = "x" * 256
NOT_A_UUID = "not-a-uuid"
SCAN_TYPES = ("SHOPPER", "ASSOCIATE", "CASH", "LOYALTY")

Body = dict[str, Any]
Bodies = Callable[["Stage"], Sequence[Body | bytes]]
# What a body is made from: the stage, or whatever another package's cases are played with.
Source = TypeVar("Source")
# What is wrong with the answers; an empty text when nothing is.
Check = Callable[[Sequence[Reply]], str]


class SkippedError(Exception):
    """The case cannot be played; the text says why. Neither passed nor failed."""


class NotReadyError(Exception):
    """What has to come before the case has failed, so the case has, too."""


@dataclass(frozen=True)
class Stage:
    setup: Setup
    caller: Caller

    def ask(self, route: str, body: Body) -> Reply:
        return self.caller.send(route, json.dumps(body).encode())


def nothing_more(_replies: Sequence[Reply]) -> str:
    return ""


@dataclass(frozen=True)
class Case:
    """One body or several, one after the other or all at once; each answer has one of the expected statuses."""

    number: str
    title: str
    bodies: Bodies
    expected: tuple[int, ...]
    check: Check = nothing_more
    is_at_once: bool = False
    is_anonymous: bool = False


@dataclass(frozen=True)
class Section:
    """The cases of one endpoint."""

    name: str
    title: str
    route: str
    cases: tuple[Case, ...]


def fresh_id() -> str:
    return str(uuid4())


def now(later: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) + later).strftime("%Y-%m-%dT%H:%M:%SZ")


def encoded(code: str) -> str:
    return b64encode(code.encode()).decode()


def given(value: str, option: str) -> str:
    """Raises SkippedError when the option is empty."""
    if not value:
        raise SkippedError(f"needs {option}")
    return value


_REMOVED = object()


def edited(make: Callable[[Source], Body], path: str, value: object = _REMOVED) -> Callable[[Source], Sequence[Body]]:
    """A good body with one field, such as `cartItems.0.id`, set to the value or, without one, left out."""

    def bodies(source: Source) -> Sequence[Body]:
        body = deepcopy(make(source))
        *parents, name = path.split(".")
        place: Any = body
        for parent in parents:
            place = place[int(parent) if parent.isdigit() else parent]
        if value is _REMOVED:
            del place[name]
        else:
            place[name] = value
        return [body]

    return bodies


def one(make: Callable[[Source], Body]) -> Callable[[Source], Sequence[Body]]:
    return lambda source: [make(source)]


def twice(make: Callable[[Source], Body]) -> Callable[[Source], Sequence[Body]]:
    def bodies(source: Source) -> Sequence[Body]:
        body = make(source)
        return [body, body]

    return bodies


def empty(_source: object) -> Sequence[bytes]:
    return [b""]


def refused(number: str, title: str, bodies: Bodies, *statuses: int) -> Case:
    """400, unless other statuses are named; with a body that says why."""
    return Case(number, title, bodies, statuses or (400,), says_why)


def not_testable(number: str, title: str, reason: str) -> Case:
    def bodies(_stage: Stage) -> Sequence[Body]:
        raise SkippedError(f"not testable from outside: {reason}")

    return Case(number, title, bodies, ())


def common_cases(make: Callable[[Stage], Body], nested: str, *statuses: int) -> tuple[Case, ...]:
    """What holds for every endpoint: `nested` is one of the body's objects."""

    def with_unknown_fields(stage: Stage) -> Sequence[Body]:
        body = make(stage)
        body[nested] = body[nested] | {"addedLater": {"by": ["Amazon"]}}
        return [body | {"addedLater": True}]

    def without_a_key(stage: Stage) -> Sequence[Body]:
        if not stage.caller.can_be_recognized:
            raise SkippedError("no key, header or signature is sent anyway")
        return [make(stage)]

    return (
        Case("0-a", "fields that Amazon may add are ignored", with_unknown_fields, statuses),
        Case("0-b", "a caller without key or signature is refused", without_a_key, (401, 403), is_anonymous=True),
    )


def says_why(replies: Sequence[Reply]) -> str:
    """The ordering connector's error body is {"errorMsg": ...}; API Gateway's own is {"message": ...}."""
    for reply in replies:
        if reply.content is None:
            return "the answer is not a JSON object"
        if not any(isinstance(reply.content.get(name), str) for name in ("errorMsg", "message", "Message")):
            return "the answer has no errorMsg"
    return ""


def same_answers(replies: Sequence[Reply]) -> str:
    if any(reply.content is None for reply in replies):
        return "the answer is not a JSON object"
    return "" if all(reply.content == replies[0].content for reply in replies) else "the answers differ"


def text_of(content: dict[str, Any], name: str, *, may_be_empty: bool = False) -> str:
    """What is wrong with that field, as a text of at most 255 characters."""
    value = content.get(name)
    if not isinstance(value, str):
        return f"{name} is missing or not a text"
    if not value and not may_be_empty:
        return f"{name} is empty"
    return f"{name} has more than 255 characters" if len(value) > 255 else ""
