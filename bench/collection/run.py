"""Measure collecting against its floor and the usual way: `python -m bench.collection.run --help`."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import databases
from bench.collection import report
from bench.collection.floor import measure_floor
from bench.collection.leasing import measure_leasing
from bench.collection.measure import measure
from bench.collection.ours import Ours
from bench.collection.outage import measure_outage
from bench.collection.processes import running_redis
from bench.collection.report import Found, Sizes
from bench.collection.stand_in import StandIn, running_stand_in
from bench.collection.usual_way import UsualWay
from bench.databases import Database
from bench.measure import FLOOR
from bench.progress import say
from bench.services import REPOSITORY

OUTAGE, LEASING = "outage", "leasing"
PARTS = (FLOOR, UsualWay.name, Ours.name, OUTAGE, LEASING)
_RESULTS = REPOSITORY / "bench" / "results" / "collection.md"


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.collection.run", description=__doc__)
    parser.add_argument("--trips", type=int, default=2000, help="that fall due together; every other size follows")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--delay-ms", type=float, default=50, help="that the stand-in for Amazon takes for each call")
    parser.add_argument("--outage-seconds", type=float, default=30)
    parser.add_argument("--carts-per-second", type=float, default=10, help="that come in after the outage")
    parser.add_argument("--parts", default=",".join(PARTS), help="a choice of them")
    parser.add_argument("--database-url", default="postgres://postgres@127.0.0.1:5432/jwo_bench")
    parser.add_argument("--output", type=Path, default=_RESULTS)
    arguments = parser.parse_args()
    arguments.parts = arguments.parts.split(",")
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"unknown parts: {', '.join(sorted(unknown))}")
    if not 20 <= arguments.trips <= 20_000 or not 1 <= arguments.rounds <= 20:
        parser.error("20 to 20,000 trips, 1 to 20 rounds")
    if not 0 < arguments.carts_per_second <= 100 or not 0 <= arguments.outage_seconds <= 600:
        parser.error("at most 100 carts per second, at most 600 seconds of outage")
    return arguments


def sizes_of(arguments: argparse.Namespace) -> Sizes:
    """The usual way is slow and the floor fast, and a rate needs no more than some seconds."""
    trips = arguments.trips
    return Sizes(
        trips=trips,
        usual_trips=max(trips // 10, 20),
        floor_trips=trips * 10,
        settled=trips * 50,
        backlog=trips * 5 // 2,
        few_due=max(trips // 2, 100),
        outage_seconds=arguments.outage_seconds,
        carts_per_second=arguments.carts_per_second,
        delay_ms=arguments.delay_ms,
        rounds=arguments.rounds,
    )


@dataclass(frozen=True)
class Bench:
    ours: Ours
    usual: UsualWay
    amazon: StandIn
    postmaster: int


def run(arguments: argparse.Namespace) -> int:
    sizes = sizes_of(arguments)
    mine = Database.from_url(arguments.database_url)
    theirs = mine.named(f"{mine.name}_peer")
    server = mine.named("postgres")
    settings = databases.assert_durable(server)
    say("durable commits: " + ", ".join(f"{name} {value}" for name, value in settings.items()))
    with prepared(sizes, mine, theirs) as bench:
        found = Found()
        for number in range(1, sizes.rounds + 1):
            for part in arguments.parts:
                measure_part(part, bench, sizes, found, f"round {number}")
        with server.connect() as connection:
            postgresql_version = connection.execute("SHOW server_version").fetchone()[0]

    text = report.report(found, sizes, settings, postgresql_version)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(text)
    sys.stdout.write(f"\n{text}\n")
    say(f"written to {arguments.output}")
    return 1 if found.faults else 0


@contextmanager
def prepared(sizes: Sizes, mine: Database, theirs: Database) -> Iterator[Bench]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(databases.fresh(mine))
        stack.enter_context(databases.fresh(theirs))
        broker_url = stack.enter_context(running_redis(folder))
        amazon = stack.enter_context(running_stand_in(sizes.delay_ms))
        amazon.open()
        ours = Ours(mine, amazon.url, f"{broker_url}/0")
        usual = UsualWay(theirs, amazon.url, f"{broker_url}/1")
        say(f"ours: migrations, {sizes.settled:,} settled trips")
        ours.prepare(sizes.settled)
        say(f"the usual way: its tables, {sizes.settled:,} settled trips")
        usual.prepare(sizes.settled)
        yield Bench(ours, usual, amazon, databases.postmaster_pid(mine))


def measure_part(part: str, bench: Bench, sizes: Sizes, found: Found, when: str) -> None:
    """They take turns within each round, so that a slow minute of the machine hits them all alike."""
    ours, amazon, postmaster = bench.ours, bench.amazon, bench.postmaster
    match part:
        case "outage":
            outage = measure_outage(
                ours, amazon, backlog=sizes.backlog, seconds=sizes.outage_seconds, per_second=sizes.carts_per_second
            )
            found.outages.append(outage)
            say(f"{when}, outage: {outage.in_short()}")
        case "leasing":
            for due in (sizes.few_due, sizes.settled):
                leasing = measure_leasing(ours, due)
                found.leasing.setdefault(due, []).append(leasing)
                say(f"{when}, leasing: {leasing.in_short()}")
        case _:
            collected = {
                FLOOR: lambda: measure_floor(
                    bench.usual.database, postmaster, settled=sizes.settled, due=sizes.floor_trips
                ),
                UsualWay.name: lambda: measure(bench.usual, amazon, postmaster, trips=sizes.usual_trips),
                Ours.name: lambda: measure(ours, amazon, postmaster, trips=sizes.trips),
            }[part]()
            found.collected.setdefault(part, []).append(collected)
            say(f"{when}, {part}: {collected.in_short()}")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that workers and databases go away then too
    raise SystemExit(run(parsed_arguments()))
