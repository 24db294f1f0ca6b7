"""The command: `manage.py connectivity_test`, or `python -m sandbox.connectivity` where there is no Django project."""

import argparse
import sys
from collections.abc import Mapping
from contextlib import closing
from typing import Any, TextIO

from sandbox.connectivity.calls import Caller
from sandbox.connectivity.cases import Stage
from sandbox.connectivity.report import Progress, Report
from sandbox.connectivity.runner import ALL, play
from sandbox.connectivity.setup import add_arguments, read_setup
from sandbox.connectivity.signing import NoAwsKeysError

HELP = "Plays Amazon's side of every documented test case against a connector, and says what to do about failures."


def run(options: Mapping[str, Any], output: TextIO, progress_output: TextIO) -> bool:
    """Whether nothing failed. Raises NoAwsKeysError."""
    setup = read_setup(options)
    sections = [section for section in ALL if section.name in setup.only]
    report = Report(
        heading=f"Amazon's test cases against {setup.base_url}, store {setup.store}",
        target={"base_url": setup.base_url, "store": setup.store},
        output=output,
        progress=Progress(progress_output),
        as_json=options["as_json"],
    )
    with closing(Caller(setup)) as caller:
        return report.write(play(Stage(setup, caller), sections, report.progress.show))


def main() -> int:
    parser = argparse.ArgumentParser(prog="connectivity", description=HELP)
    add_arguments(parser)
    try:
        return 0 if run(vars(parser.parse_args()), sys.stdout, sys.stderr) else 1
    except NoAwsKeysError as error:
        sys.stderr.write(f"{error}\n")
        return 2
