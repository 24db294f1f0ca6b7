"""Where our own Python spends its time on a cart: `python -m bench.purchases.profile [--requests 2000] [--copies 1]`.

The application is called in this process, without a server, against a new and full database. What is shown is the event
loop's thread, not the one that writes. cProfile charges every call, so small functions look dearer than they are: good
for finding what remains, not for comparing.
"""

import argparse
import asyncio
import cProfile
import os
import pstats
import sys
import uuid
from collections.abc import Sequence
from typing import Any

from bench import databases
from bench.databases import Database
from bench.purchases import carts, target
from bench.services import API_KEY, REPOSITORY
from bench.target import environment

_WARM_UP = 200


def run(arguments: argparse.Namespace) -> None:
    database = Database.from_url(arguments.database_url)
    databases.assert_durable(database.named("postgres"))
    with databases.fresh(database):
        target.prepare(database, arguments.trips)
        os.environ |= environment(database)
        sys.path.insert(0, str(REPOSITORY))
        from jwo_backoffice.rsgi import application

        bodies = _bodies(arguments.lines, arguments.requests + _WARM_UP, arguments.copies)
        asyncio.run(_send(application, bodies[:_WARM_UP], arguments.together))
        profiler = cProfile.Profile()
        profiler.enable()
        asyncio.run(_send(application, bodies[_WARM_UP:], arguments.together))
        profiler.disable()
        application.__rsgi_del__(None)
        _end_journal()
    pstats.Stats(profiler, stream=sys.stdout).sort_stats(arguments.sort).print_stats(25)


def _end_journal() -> None:
    """Before its database is gone."""
    from amazon.inbound.journal import journal

    journal.end()


def _bodies(lines: int, count: int, copies: int) -> list[bytes]:
    template = carts.cart_template(lines)
    trip_ids = [str(uuid.uuid4()) for _ in range(-(-count // copies))]
    return [carts.cart_body(template, trip_ids[number // copies]) for number in range(count)]


class _Call:
    """Granian's scope, headers and protocol in one: a cart that is there."""

    proto, http_version, scheme, method, path, query_string = "http", "1.1", "http", "POST", carts.PATH, ""
    server, client, authority = "127.0.0.1:80", "127.0.0.1:50000", None

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.headers = {
            "host": "127.0.0.1",
            "content-type": "application/json",
            "content-length": str(len(body)),
            "x-api-key": API_KEY,
        }

    async def __call__(self) -> bytes:
        return self._body

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        if status != 201:
            raise SystemExit(f"{status}: {body!r}")


async def _send(application: Any, bodies: Sequence[bytes], together: int) -> None:
    """So many at once; the next ones when all of them are answered."""
    for start in range(0, len(bodies), together):
        calls = [_Call(body) for body in bodies[start : start + together]]
        await asyncio.gather(*(application.__rsgi__(call, call) for call in calls))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.purchases.profile", description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--copies", type=int, default=1, help="8: what a replay costs")
    parser.add_argument("--together", type=int, default=8, help="carts that come at once")
    parser.add_argument("--lines", type=int, default=8)
    parser.add_argument("--sort", default="tottime", choices=["tottime", "cumtime"])
    parser.add_argument("--trips", type=int, default=20_000)
    parser.add_argument("--database-url", default="postgres://postgres@127.0.0.1:5432/jwo_bench_profile")
    run(parser.parse_args())
