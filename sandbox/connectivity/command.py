"""The command: `manage.py connectivity_test`, or `python -m sandbox.connectivity` where there is no Django project."""

import argparse
import sys
from collections.abc import Mapping
from contextlib import closing
from time import monotonic
from typing import Any, TextIO

from sandbox.connectivity import report
from sandbox.connectivity.calls import Caller
from sandbox.connectivity.cases import Stage
from sandbox.connectivity.runner import ALL, Outcome, Result, play
from sandbox.connectivity.setup import add_arguments, read_setup
from sandbox.connectivity.signing import NoAwsKeysError

HELP = "Plays Amazon's side of every documented test case against a connector, and says what to do about failures."


def run(options: Mapping[str, Any], output: TextIO, progress_output: TextIO) -> bool:
    """Whether nothing failed. Raises NoAwsKeysError."""
    setup = read_setup(options)
    with closing(Caller(setup)) as caller:
        return _run(Stage(setup, caller), options["as_json"], output, progress_output)


def _run(stage: Stage, as_json: bool, output: TextIO, progress_output: TextIO) -> bool:
    setup = stage.setup
    sections = [section for section in ALL if section.name in setup.only]
    progress = report.Progress(progress_output)
    if not as_json:
        output.write(f"{report.heading(setup)}\n")
    results: list[Result] = []
    began = monotonic()
    for result in play(stage, sections, progress.show):
        progress.clear()
        if not as_json:
            if not results or results[-1].section is not result.section:
                output.write(f"{report.section_heading(result.section)}\n")
            output.write(f"{report.row(result)}\n")
            output.flush()
        results.append(result)
    whole = report.as_json(setup, results) if as_json else report.summary(results, monotonic() - began)
    output.write(f"{whole}\n")
    return report.count(results, Outcome.FAIL) == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="connectivity", description=HELP)
    add_arguments(parser)
    try:
        return 0 if run(vars(parser.parse_args()), sys.stdout, sys.stderr) else 1
    except NoAwsKeysError as error:
        sys.stderr.write(f"{error}\n")
        return 2
