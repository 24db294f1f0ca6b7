"""Do the programs do the same? The same questions to each, twice: every answer read, every row counted.

Apart from the measurement, because wrk does not look at answers.
"""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from bench.connection import Connection
from bench.gate.calls import CALLS, Call
from bench.gate.programs import Program

_ORDINARY = 40

Answer = tuple[int, Any]


@dataclass(frozen=True)
class Comparison:
    call: str
    questions: int
    refused: int
    faults: list[str]


def compare(programs: Sequence[Program], rows: int) -> list[Comparison]:
    return [_compare(programs, call, rows) for call in CALLS]


def _compare(programs: Sequence[Program], call: Call, rows: int) -> Comparison:
    keys = call.keys(rows)
    asked = [*keys[2 : 2 + _ORDINARY], *call.strange_keys]
    bodies = [call.body(key) for key in asked]
    faults: list[str] = []
    answers = {program.name: _answers(program, call, bodies, faults) for program in programs}
    first = next(iter(answers.values()))
    for name, given in answers.items():
        faults += [
            f"{name} answers {theirs} about {key}, and not {ours}"
            for key, ours, theirs in zip(asked, first, given, strict=True)
            if ours != theirs
        ]
    refused = sum(1 for answer in first if answer != first[0] and _is_refusal(answer))
    if refused != len(call.strange_keys):
        faults.append(f"{refused} refused, and not {len(call.strange_keys)}")
    return Comparison(call.name, len(bodies), refused, faults)


def _answers(program: Program, call: Call, bodies: Sequence[bytes], faults: list[str]) -> list[Answer]:
    """The answers to all; adds to the faults if they are others the second time, or not one row each is left."""
    rows_before = program.stored(call)
    with closing(Connection(program.server.port)) as connection:
        answers, again = ([_read(*connection.send(call.path, body)) for body in bodies] for _ in range(2))
    if answers != again:
        faults.append(f"{program.name} does not answer the same again")
    if (stored := program.stored(call) - rows_before) != len(bodies):
        faults.append(f"{program.name} stored {stored} rows for {len(bodies)} questions")
    return answers


def _read(status: int, body: bytes) -> Answer:
    """What an error says is each program's own business."""
    return status, json.loads(body) if status == 200 else None


def _is_refusal(answer: Answer) -> bool:
    status, content = answer
    return status == 401 or content.get("action") == "REJECT" or content.get("shopperAuthorized") is False
