"""Plays the cases and judges the answers."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from sandbox.connectivity.authorization import AUTHORIZATION
from sandbox.connectivity.calls import AT_ONCE, Reply, in_short
from sandbox.connectivity.cases import Body, Case, NotReadyError, Section, SkippedError, Stage
from sandbox.connectivity.details import DETAILS
from sandbox.connectivity.diagnosis import diagnose
from sandbox.connectivity.identity import IDENTITY
from sandbox.connectivity.loyalty import LOYALTY
from sandbox.connectivity.ordering import ORDERING
from sandbox.connectivity.results import Outcome, Result

ALL = (IDENTITY, LOYALTY, DETAILS, AUTHORIZATION, ORDERING)
# After so many cases in a row without an answer, the others are not sent: each would wait for its time-out.
HOPELESS = 3


def play(stage: Stage, sections: Iterable[Section], on_start: Callable[[Section, Case], None]) -> Iterator[Result]:
    """In order. `on_start` is told of each case before it is sent."""
    unanswered = 0
    for section in sections:
        for case in section.cases:
            if unanswered >= HOPELESS:
                yield Result(section, case, Outcome.FAIL, detail="not sent, since nobody answers")
                continue
            on_start(section, case)
            result, is_answered = _play_one(stage, section, case)
            unanswered = 0 if is_answered else unanswered + 1
            yield result


def _play_one(stage: Stage, section: Section, case: Case) -> tuple[Result, bool]:
    try:
        bodies = case.bodies(stage)
    except SkippedError as reason:
        return Result(section, case, Outcome.SKIP, detail=str(reason)), True
    except NotReadyError as reason:
        return Result(section, case, Outcome.FAIL, detail=str(reason)), True
    replies = _send(stage, section.route, case, bodies)
    return _judged(section, case, replies), not any(reply.trouble for reply in replies)


def _send(stage: Stage, route: str, case: Case, bodies: Sequence[Body | bytes]) -> list[Reply]:
    def send(body: Body | bytes) -> Reply:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return stage.caller.send(route, content, is_anonymous=case.is_anonymous)

    if not case.is_at_once:
        return [send(body) for body in bodies]
    with ThreadPoolExecutor(min(AT_ONCE, len(bodies))) as threads:
        return list(threads.map(send, bodies))


def _judged(section: Section, case: Case, replies: Sequence[Reply]) -> Result:
    got, ms = in_short(replies), max(reply.ms for reply in replies)
    wrong = next((reply for reply in replies if reply.status not in case.expected), None)
    if wrong is not None:
        detail = f"it said: {wrong.said}" if wrong.body else ""
        cause = diagnose(section.name, wrong, case.expected)
        return Result(section, case, Outcome.FAIL, got, ms, detail, cause)
    if fault := case.check(replies):
        causes = (diagnose(section.name, reply, case.expected) for reply in replies)
        return Result(section, case, Outcome.FAIL, got, ms, fault, next(filter(None, causes), None))
    return Result(section, case, Outcome.PASS, got, ms)
