"""Plays the cases: sets up each one's trip, fault and time, sends, and judges the answers and the books."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from textwrap import shorten
from typing import Any

from sandbox.check.calls import Caller
from sandbox.check.cases import GOOD, Case, Section, Start, Step, Trip
from sandbox.connectivity.calls import LONGEST_QUOTE, Reply, in_short
from sandbox.connectivity.cases import Body, NotReadyError
from sandbox.connectivity.results import Outcome, Result
from sandbox.control_client import ControlClient

PREAUTHORIZED = "50.00"
CARD = {"brand": "VISA", "tail": "1234"}


@dataclass(frozen=True)
class Host:
    """`control` opens the sandbox's own doors, `caller` is the retailer."""

    control: ControlClient
    caller: Caller


def play(host: Host, sections: Iterable[Section], on_start: Callable[[Section, Case], None]) -> Iterator[Result]:
    """In order. `on_start` is told of each case before it is sent. Raises SandboxUnreachableError."""
    for section in sections:
        for case in section.cases:
            on_start(section, case)
            yield _play_one(host, section, case)


def _play_one(host: Host, section: Section, case: Case) -> Result:
    trip = case.start.trip()
    try:
        with _cleared(host.control, case):
            sent = _sent(host, section, case, trip)
    except (NotReadyError, ValueError) as reason:
        return Result(section, case, Outcome.FAIL, detail=str(reason))
    replies = [reply for _, reply in sent]
    fault = _fault(case, sent) or _fault_in_books(host.control, case, trip, replies)
    outcome = Outcome.FAIL if fault else Outcome.PASS
    return Result(section, case, outcome, in_short(replies), max(reply.ms for reply in replies), fault)


@contextmanager
def _cleared(control: ControlClient, case: Case) -> Iterator[None]:
    """Afterwards the host's clock is right again, and it has no faults and no limits."""
    try:
        yield
    finally:
        if case.fault:
            control.clear_faults()
        if case.per_second:
            control.clear_limits()
        if case.later:
            control.move_clock(0)


def _sent(host: Host, section: Section, case: Case, trip: Trip) -> list[tuple[bytes, Reply]]:
    """Each body with its answer.

    Raises NotReadyError when a call before fails, ValueError when a door of the sandbox refuses.
    """
    _begin(host.control, case.start, trip)
    told = tuple(_taken(host.caller, step, trip) for step in case.before)
    bodies = [_encoded(body) for body in case.bodies(replace(trip, told=told))]
    _order(host.control, section.operation, case, len(bodies))
    return list(zip(bodies, _send(host.caller, section.route, case, bodies), strict=True))


def _begin(control: ControlClient, start: Start, trip: Trip) -> None:
    if start.is_announced and not start.magic:
        control.stage([_announcement(trip)])
    if start.email:
        control.register_shopper(trip.shopper, start.email)


def _taken(caller: Caller, step: Step, trip: Trip) -> Reply:
    reply = caller.send(step.route, _encoded(step.make(trip)), GOOD)
    if not 200 <= reply.status < 300:
        raise NotReadyError(f"{step.route}, which comes before, failed: {reply} {reply.said}")
    return reply


def _order(control: ControlClient, operation: str, case: Case, calls: int) -> None:
    if case.later:
        control.move_clock(case.later.total_seconds())
    if case.per_second:
        control.limit(case.per_second, operation)
    if fault := case.fault:
        control.fault("status", operation=operation, status=fault.status, retry_after=fault.retry_after, times=calls)


def _announcement(trip: Trip) -> dict[str, Any]:
    return {
        "shoppingTripId": trip.id,
        "storeId": trip.store,
        "preauthorized": {"amount": PREAUTHORIZED, "code": trip.currency},
        "card": CARD,
    }


def _send(caller: Caller, route: str, case: Case, bodies: Sequence[bytes]) -> list[Reply]:
    def send(body: bytes) -> Reply:
        return caller.send(route, body, case.signing)

    if not case.is_at_once:
        return [send(body) for body in bodies]
    with ThreadPoolExecutor(len(bodies)) as threads:
        return list(threads.map(send, bodies))


def _encoded(body: Body | bytes) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def _fault(case: Case, sent: Sequence[tuple[bytes, Reply]]) -> str:
    """What is wrong with the answers."""
    for body, reply in sent:
        if reply.status not in case.expected:
            text = body.decode(errors="replace")
            return f"{shorten(text, LONGEST_QUOTE, placeholder='…')} got {reply} {reply.said}".rstrip()
        if "x-amzn-requestid" not in reply.headers:
            return "the answer has no x-amzn-RequestId"
    return case.check([reply for _, reply in sent])


def _fault_in_books(control: ControlClient, case: Case, trip: Trip, replies: Sequence[Reply]) -> str:
    wanted = case.books(replies)
    if not wanted:
        return ""
    try:
        entries = control.trip(trip.id)
    except ValueError:
        return "the trip is not in the books"
    wrong = [name for name, value in wanted.items() if not _agrees(entries.get(name), value)]
    return "; ".join(f"the books show {name} {entries.get(name)}, not {wanted[name]}" for name in wrong)


def _agrees(entry: object, wanted: object) -> bool:
    """An entry may hold more than is asked for; a list has as many entries."""
    if isinstance(wanted, Mapping) and isinstance(entry, Mapping):
        return all(_agrees(entry.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(entry, list):
        return len(entry) == len(wanted) and all(map(_agrees, entry, wanted))
    return entry == wanted
