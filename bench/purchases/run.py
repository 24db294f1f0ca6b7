"""Measure POST /v1/order/purchases against its floor and its peers: `python -m bench.purchases.run --help`."""

import argparse
import shutil
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import databases
from bench.databases import Database
from bench.measure import FLOOR, Measurement, in_short
from bench.peers import install
from bench.progress import say
from bench.purchases import floor, peers, report, storm, target
from bench.purchases.measure import Scenario, measure_floor, measure_service
from bench.purchases.services import Service
from bench.purchases.storm import Verdict
from bench.services import REPOSITORY

PEERS = ("starlette", "fastapi")
PROGRAMS = (FLOOR, *PEERS, "target")
_RESULTS = REPOSITORY / "bench" / "results" / "purchases.md"


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.purchases.run", description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement, after 1 s of warm-up")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", default="16,64", help="such as 16,64: fewest first")
    parser.add_argument("--database-url", default="postgres://postgres@127.0.0.1:5432/jwo_bench")
    parser.add_argument("--programs", default=",".join(PROGRAMS), help="a choice of them")
    parser.add_argument("--trips", type=int, default=100_000, help="stored before the first measurement")
    parser.add_argument("--peer-pool", type=int, default=8, help="database connections of each worker of a peer")
    parser.add_argument("--output", type=Path, default=_RESULTS)
    arguments = parser.parse_args()
    arguments.connections = [int(number) for number in arguments.connections.split(",")]
    arguments.programs = arguments.programs.split(",")
    if unknown := set(arguments.programs) - set(PROGRAMS):
        parser.error(f"unknown programs: {', '.join(sorted(unknown))}")
    if not 1 <= arguments.seconds <= 60 or not 1 <= arguments.rounds <= 20 or max(arguments.connections) > 256:
        parser.error("at most 60 seconds, 20 rounds and 256 connections")
    for tool in ("wrk", "pgbench"):
        if not shutil.which(tool):
            parser.error(f"{tool} is missing: apt-get install wrk postgresql-contrib")
    return arguments


def planned(connections: Sequence[int]) -> list[Scenario]:
    return [
        Scenario(name, lines, copies, number)
        for number in connections
        for name, lines, copies in [
            (report.NEW, 8, 1),
            (report.ONE_LINE, 1, 1),
            (report.THIRTY_LINES, 30, 1),
            (report.STORM, 8, storm.COPIES),
        ]
    ]


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
        services = start(arguments, ours, theirs, python, logs, stack)
        verdicts = verify_storms(services, max(arguments.connections))
        rounds = measure(arguments, services, theirs, postmaster)
        with server.connect() as connection:
            postgresql_version = connection.execute("SHOW server_version").fetchone()[0]

    text = report.report(
        rounds,
        verdicts,
        connections=arguments.connections,
        seconds=arguments.seconds,
        trips=arguments.trips,
        database_settings=settings,
        postgresql_version=postgresql_version,
        peer_python=python,
    )
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(text)
    sys.stdout.write(f"\n{text}\n")
    say(f"written to {arguments.output}")
    is_sound = not any(one.fault for found in rounds.values() for one in found)
    return 0 if is_sound and not any(verdict.faults for verdict in verdicts.values()) else 1


def start(
    arguments: argparse.Namespace, ours: Database, theirs: Database, python: Path, logs: Path, stack: ExitStack
) -> list[Service]:
    """Fill the tables, then start every program; those that are not being measured have nothing to do."""
    services = []
    if FLOOR in arguments.programs:
        say(f"floor: {arguments.trips:,} trips")
        floor.create_tables(theirs, arguments.trips)
    for name in PEERS:
        if name in arguments.programs:
            say(f"{name}: {arguments.trips:,} trips, then uvicorn")
            peers.create_tables(theirs, name, arguments.trips)
            peer = peers.running_peer(name, theirs, python, logs / f"{name}.log", arguments.peer_pool)
            services.append(stack.enter_context(peer))
    if "target" in arguments.programs:
        say(f"target: migrations, {arguments.trips:,} trips, then granian")
        target.prepare(ours, arguments.trips)
        services.append(stack.enter_context(target.running_target(ours, logs / "target.log")))
    return services


def verify_storms(services: Sequence[Service], connections: int) -> dict[str, Verdict]:
    verdicts = {}
    for service in services:
        verdict = verdicts[service.name] = storm.verify(service, groups=max(connections // storm.COPIES, 1))
        outcome = "; ".join(verdict.faults[:3]) or "one row each, same answer to all"
        say(f"{service.name}: {verdict.carts} carts, {verdict.answers} answers: {outcome}")
    return verdicts


def measure(
    arguments: argparse.Namespace, services: Sequence[Service], theirs: Database, postmaster: int
) -> dict[tuple[Scenario, str], list[Measurement]]:
    """Every program in turn for each scenario, so that a slow minute of the machine hits them all alike."""
    rounds = defaultdict(list)
    for number in range(1, arguments.rounds + 1):
        for scenario in planned(arguments.connections):
            for name, one in measure_all(arguments, services, theirs, postmaster, scenario):
                rounds[scenario, name].append(one)
                say(f"round {number}, {scenario.title}, {name}: {in_short(one)}")
    return dict(rounds)


def measure_all(
    arguments: argparse.Namespace,
    services: Sequence[Service],
    theirs: Database,
    postmaster: int,
    scenario: Scenario,
) -> Iterator[tuple[str, Measurement]]:
    if FLOOR in arguments.programs and scenario.copies == 1:
        yield FLOOR, measure_floor(theirs, postmaster, scenario, arguments.seconds)
    for service in services:
        yield service.name, measure_service(service, postmaster, scenario, arguments.seconds)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that servers and databases go away then too
    raise SystemExit(run(parsed_arguments()))
