"""Running the sandbox as a process: `manage.py sandbox`, or `python -m sandbox`, which starts faster."""

import argparse
import errno
import logging
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Mapping
from random import SystemRandom
from typing import Any, TextIO

from sandbox.amazon_side import Setup
from sandbox.rate_limits import RateLimit
from sandbox.server import SandboxServer


class CannotStartError(Exception):
    """The text says why, and what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000, help="0 takes any free port")
    parser.add_argument("--books", default=":memory:", metavar="PATH", help="SQLite file that keeps the books")
    parser.add_argument("--adopt", action="store_true", help="take in trips that no gate has staged")
    parser.add_argument("--access-key", default=os.environ.get("AWS_ACCESS_KEY_ID") or "demo-access-key")
    parser.add_argument("--secret-key", default=os.environ.get("AWS_SECRET_ACCESS_KEY") or "demo-secret-key")
    parser.add_argument("--fault-rate", type=_share, default=0.0, help="share of the calls that fail, 0 to 1")
    parser.add_argument("--seed", type=int, help="repeats the random faults of an earlier run")
    parser.add_argument("--repeated-capture", choices=["charge", "refuse"], default="charge")
    parser.add_argument("--rate-limit", type=_rate_limit, metavar="PER_SECOND", help="answer 429 above so many calls")
    parser.add_argument("--test-host", action="store_true", help="know trips for two minutes only, as Amazon's .test")
    parser.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("is 0 to 1")
    return share


def _rate_limit(text: str) -> RateLimit:
    try:
        return RateLimit(float(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def serve(options: Mapping[str, Any], output: TextIO) -> None:
    """Until Ctrl-C or SIGTERM. Raises CannotStartError."""
    seed = SystemRandom().randrange(10**6) if options["seed"] is None else options["seed"]
    setup = Setup(
        host=options["host"],
        port=options["port"],
        books_path=options["books"],
        adopts=options["adopt"],
        access_key=options["access_key"],
        secret_key=options["secret_key"],
        fault_rate=options["fault_rate"],
        seed=seed,
        repeated_capture=options["repeated_capture"],
        is_test_host=options["test_host"],
        rate_limit=options["rate_limit"],
    )
    server = _listening(setup)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s sandbox %(message)s", force=True)
    # The first process of a container ignores SIGTERM, and one that a script puts into the background ignores Ctrl-C.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    try:
        output.write(f"Sandbox listens on {server.url} (seed {seed}); books at {server.url}/books. Ctrl-C stops it.\n")
        output.flush()
        if options["until_stdin_closes"]:
            threading.Thread(target=_stop_at_end_of_input, daemon=True).start()
        server.serve_forever()
    except KeyboardInterrupt:
        output.write("Sandbox stopped.\n")
    finally:
        server.server_close()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="sandbox", description="A local stand-in for Amazon's payments, checkout, feedback and catalog hosts."
    )
    add_arguments(parser)
    try:
        serve(vars(parser.parse_args()), sys.stdout)
    except CannotStartError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _listening(setup: Setup) -> SandboxServer:
    try:
        return SandboxServer(setup)
    except sqlite3.Error as error:
        raise CannotStartError(f"Cannot keep books in {setup.books_path}: {error}") from error
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            text = f"Port {setup.port} is taken: is another sandbox running? Stop it, or choose another with --port."
        else:
            text = f"Cannot listen on {setup.host}:{setup.port}: {error}"
        raise CannotStartError(text) from error


def _stop_at_end_of_input() -> None:
    """The process that started this one is gone: its end of the pipe closed."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)
