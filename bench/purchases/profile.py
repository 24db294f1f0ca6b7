"""Where our own Python spends its time on a cart: `python -m bench.purchases.profile [--requests 2000] [--copies 1]`.

The WSGI application is called in this process, without a server, against a new and full database. cProfile charges
every call, so small functions look dearer than they are: good for finding what remains, not for comparing.
"""

import argparse
import cProfile
import io
import os
import pstats
import sys
import uuid
from collections.abc import Callable
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
        from jwo_backoffice.wsgi import application

        bodies = _bodies(arguments.lines, arguments.requests + _WARM_UP, arguments.copies)
        for body in bodies[:_WARM_UP]:
            _send(application, body)
        profiler = cProfile.Profile()
        profiler.enable()
        for body in bodies[_WARM_UP:]:
            _send(application, body)
        profiler.disable()
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


def _send(application: Callable[..., Any], body: bytes) -> None:
    statuses = []
    environ = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": carts.PATH,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "127.0.0.1",
        "HTTP_X_API_KEY": API_KEY,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    answer = application(environ, lambda status, headers: statuses.append(status))
    content = b"".join(answer)
    answer.close()
    if not statuses[0].startswith("201"):
        raise SystemExit(f"{statuses[0]}: {content!r}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.purchases.profile", description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--copies", type=int, default=1, help="8: what a replay costs")
    parser.add_argument("--lines", type=int, default=8)
    parser.add_argument("--sort", default="tottime", choices=["tottime", "cumtime"])
    parser.add_argument("--trips", type=int, default=20_000)
    parser.add_argument("--database-url", default="postgres://postgres@127.0.0.1:5432/jwo_bench_profile")
    run(parser.parse_args())
