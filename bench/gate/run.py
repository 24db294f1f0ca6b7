"""Measure the calls at the gate against their floor and a peer: `python -m bench.gate.run --help`."""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import databases
from bench.databases import Database
from bench.gate import answers, programs, report
from bench.gate.calls import CALLS
from bench.gate.flood import Flooded, measure_flood
from bench.gate.measure import Scenario, measure_program
from bench.gate.programs import PEER, Program
from bench.measure import FLOOR, Measurement, in_short
from bench.peers import install
from bench.progress import say
from bench.services import REPOSITORY

_RESULTS = REPOSITORY / "bench" / "results" / "gate.md"
_JOURNAL_SECONDS = 3  # the journal is written a moment after the answers


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.gate.run", description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement, after 1 s of warm-up")
    parser.add_argument("--paced-seconds", type=int, default=20, help="of the even stream, alone and in the flood")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", default="1,4,16", help="such as 1,4,16: fewest first")
    parser.add_argument("--calls", default=",".join(call.name for call in CALLS), help="a choice of them, or none")
    parser.add_argument("--database-url", default="postgres://postgres@127.0.0.1:5432/jwo_bench")
    parser.add_argument("--rows", type=int, default=100_000, help="members, scans, decisions and trips beforehand")
    parser.add_argument("--peer-pool", type=int, default=8, help="database connections of each worker of the peer")
    parser.add_argument("--gate-workers", type=int, default=1, help="of the gate where it has its own processes")
    parser.add_argument("--output", type=Path, default=_RESULTS)
    arguments = parser.parse_args()
    arguments.connections = [int(number) for number in arguments.connections.split(",")]
    wanted = arguments.calls.split(",")
    arguments.calls = [call for call in CALLS if call.name in wanted]
    if not 1 <= arguments.seconds <= 60 or not 1 <= arguments.paced_seconds <= 120 or max(arguments.connections) > 256:
        parser.error("at most 60 seconds, 120 in the flood, and 256 connections")
    if not 1 <= arguments.rounds <= 20 or not 2_000 <= arguments.rows <= 1_000_000:
        parser.error("1 to 20 rounds, and 2,000 to 1,000,000 rows")
    for tool in ("wrk", "pgbench"):
        if not shutil.which(tool):
            parser.error(f"{tool} is missing: apt-get install wrk postgresql-contrib")
    return arguments


def run(arguments: argparse.Namespace) -> int:
    ours = Database.from_url(arguments.database_url)
    theirs = ours.named(f"{ours.name}_peer")
    server = ours.named("postgres")
    settings = databases.assert_durable(server)
    postmaster = databases.postmaster_pid(server)
    say("durable commits: " + ", ".join(f"{name} {value}" for name, value in settings.items()))
    python = install()

    with ExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(databases.fresh(ours))
        stack.enter_context(databases.fresh(theirs))
        floor, peer, target, gate = start(arguments, ours, theirs, python, logs, stack)
        before = programs.rows_of_target(target)
        comparisons = compare([target, peer], arguments.rows)
        rounds: dict[tuple[Scenario, str], list[Measurement]] = defaultdict(list)
        floods: dict[str, list[Flooded]] = defaultdict(list)
        for number in range(1, arguments.rounds + 1):
            measure(arguments, number, [floor, peer, target], postmaster, rounds)
            flood(arguments, number, {report.ONE_SERVER: target, report.GATE_APART: gate}, target, floods)
        time.sleep(_JOURNAL_SECONDS)
        journal = missing_from_journal(before, programs.rows_of_target(target))
        with server.connect() as connection:
            postgresql_version = connection.execute("SHOW server_version").fetchone()[0]

    text = report.report(
        rounds,
        floods,
        comparisons,
        connections=arguments.connections[-1],
        seconds=arguments.seconds,
        paced_seconds=arguments.paced_seconds,
        rows=arguments.rows,
        journal=journal,
        gate_workers=arguments.gate_workers,
        database_settings=settings,
        postgresql_version=postgresql_version,
        peer_python=python,
    )
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(text)
    sys.stdout.write(f"\n{text}\n")
    say(f"written to {arguments.output}")
    measured = [one for found in (*rounds.values(), *floods.values()) for one in found]
    return 1 if journal or any(one.fault for one in measured) or any(one.faults for one in comparisons) else 0


def start(
    arguments: argparse.Namespace, ours: Database, theirs: Database, python: Path, logs: Path, stack: ExitStack
) -> tuple[Program, Program, Program, Program]:
    """Fill the tables, then start every program; those that are not being measured have nothing to do.

    The floor, the peer, our server, and ours again as the gate's own processes.
    """
    rows = arguments.rows
    for schema in (FLOOR, PEER):
        say(f"{schema}: {rows:,} rows")
        programs.create_tables(theirs, schema, rows)
    say(f"target: migrations, {rows:,} rows")
    programs.prepare_target(ours, rows)
    say("uvicorn and granian")
    peer = programs.running_peer(theirs, python, logs / "peer.log", arguments.peer_pool)
    target = programs.running_target(ours, logs / "target.log")
    gate = programs.running_target(ours, logs / "gate.log", workers=arguments.gate_workers)
    return programs.floor(theirs), *(stack.enter_context(program) for program in (peer, target, gate))


def compare(compared: Sequence[Program], rows: int) -> list[answers.Comparison]:
    comparisons = answers.compare(compared, rows)
    for one in comparisons:
        outcome = "; ".join(one.faults[:3]) or "one row each, same answer from all, both times"
        say(f"{one.call}: {one.questions} questions, {one.refused} refused: {outcome}")
    return comparisons


def measure(
    arguments: argparse.Namespace,
    number: int,
    measured: Sequence[Program],
    postmaster: int,
    rounds: dict[tuple[Scenario, str], list[Measurement]],
) -> None:
    """Every program in turn for each scenario, so that a slow minute of the machine hits them all alike."""
    for scenario in (Scenario(call, count) for count in arguments.connections for call in arguments.calls):
        for program in measured:
            one = measure_program(
                program, scenario, rows=arguments.rows, postmaster=postmaster, seconds=arguments.seconds
            )
            rounds[scenario, program.name].append(one)
            say(f"round {number}, {scenario.title}, {program.name}: {in_short(one)}")


def flood(
    arguments: argparse.Namespace,
    number: int,
    gates: dict[str, Program],
    flooded: Program,
    floods: dict[str, list[Flooded]],
) -> None:
    for arrangement, gate in gates.items():
        one = measure_flood(gate, flooded, rows=arguments.rows, seconds=arguments.paced_seconds)
        floods[arrangement].append(one)
        say(
            f"round {number}, {arrangement}: p99 {one.alone.p99_ms:.1f} ms alone, {one.in_flood.p99_ms:.1f} ms in "
            f"{one.carts.per_second:,.0f} carts/s{f', FAULT: {one.fault}' if one.fault else ''}"
        )


def missing_from_journal(before: tuple[int, int], after: tuple[int, int]) -> str:
    """Every row was a call, so the journal must have grown by no less. Empty if it did."""
    stored, journal = (late - early for early, late in zip(before, after, strict=True))
    say(f"{journal:,} calls in the journal for {stored:,} rows stored")
    return f"{journal} calls in the journal for {stored} rows stored" if journal < stored else ""


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that servers and databases go away then too
    raise SystemExit(run(parsed_arguments()))
