"""The command: `python -m sandbox.check`, or `make sandbox-check`."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from contextlib import closing

from sandbox.check.adjust import ADJUSTING
from sandbox.check.calls import Caller
from sandbox.check.cancel import CANCELLING
from sandbox.check.capture import CAPTURING
from sandbox.check.cases import Case, Section
from sandbox.check.catalog import TELLING_STATUS, UPLOADING
from sandbox.check.checkout import CHECKING_OUT
from sandbox.check.feedback import REPORTING
from sandbox.check.portal_tests import TESTING
from sandbox.check.refund import REFUNDING
from sandbox.check.runner import Host, play
from sandbox.check.shopper_identity import TELLING_SHOPPER
from sandbox.check.signing import Keys
from sandbox.check.transactional_data import TELLING_DATA
from sandbox.connectivity.report import Progress, Report
from sandbox.connectivity.results import Result
from sandbox.control_client import ControlClient, SandboxUnreachableError
from sandbox.testing import SandboxProcess

HELP = "Plays every documented test case of outbound calls against a host that plays Amazon; by default a new sandbox."
PAYMENTS = (ADJUSTING, CANCELLING, CAPTURING, REFUNDING, TELLING_DATA, TELLING_SHOPPER)
OF_ANY_HOST = (*PAYMENTS, CHECKING_OUT, REPORTING, UPLOADING, TELLING_STATUS)
OF_A_TEST_HOST = (TESTING,)
NAMES = tuple(section.name for section in (*OF_ANY_HOST, *OF_A_TEST_HOST))

OnStart = Callable[[Section, Case], None]


def main() -> int:
    options = _parser().parse_args()
    report = Report(
        heading=f"Amazon's test cases against {options.url or 'a new sandbox'}",
        target={"url": options.url or "a new sandbox"},
        output=sys.stdout,
        progress=Progress(sys.stderr),
        as_json=options.as_json,
    )
    played = _at_url if options.url else _at_new_sandboxes
    try:
        return 0 if report.write(played(options, report.progress.show)) else 1
    except SandboxUnreachableError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="check", description=HELP)
    parser.add_argument("--url", type=_url, help="of a sandbox that runs, and that nobody else uses now")
    parser.add_argument("--test-host", action="store_true", help=f"that one is a test host: play {TESTING.name}")
    parser.add_argument("--access-key", default="demo-access-key")
    parser.add_argument("--secret-key", default="demo-secret-key")
    parser.add_argument("--only", type=_names, default=NAMES, metavar="NAME,...", help=", ".join(NAMES))
    parser.add_argument("--timeout", type=float, default=10, metavar="SECONDS", help="wait so long for an answer")
    parser.add_argument("--json", action="store_true", dest="as_json", help="for machines")
    return parser


def _at_url(options: Namespace, on_start: OnStart) -> Iterator[Result]:
    sections = OF_A_TEST_HOST if options.test_host else OF_ANY_HOST
    with closing(ControlClient(options.url)) as control:
        try:
            control.move_clock(0)
        except ValueError as error:
            raise SandboxUnreachableError(f"No sandbox is at {options.url}: {error}") from error
        yield from _played(control, options, sections, on_start)


def _at_new_sandboxes(options: Namespace, on_start: OnStart) -> Iterator[Result]:
    keys = {"access_key": options.access_key, "secret_key": options.secret_key}
    with SandboxProcess(**keys) as sandbox:
        yield from _played(sandbox, options, OF_ANY_HOST, on_start)
    with SandboxProcess(**keys, test_host=True) as sandbox:
        yield from _played(sandbox, options, OF_A_TEST_HOST, on_start)


def _played(
    control: ControlClient, options: Namespace, sections: tuple[Section, ...], on_start: OnStart
) -> Iterator[Result]:
    caller = Caller(control.url, Keys(options.access_key, options.secret_key), options.timeout)
    chosen = [section for section in sections if section.name in options.only]
    return play(Host(control, caller), chosen, on_start)


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ArgumentTypeError(f"{text} does not begin with http:// or https://")
    return text.rstrip("/")


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in NAMES:
            raise ArgumentTypeError(f"there is no {name}; there are {', '.join(NAMES)}")
    return names
