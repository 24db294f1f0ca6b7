"""`make soak SEED=7 MINUTES=10`, or `python -m tests.soak --help`."""

import argparse
import os
import sys
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory

import django

from tests.soak.run import soak


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Everything at once, from one seed.")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6), help="repeats an earlier run")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--mutants", default="", help="bugs to plant, as deaf,new_ids,forgetful: they must be found")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "jwo_backoffice.settings_test"
    django.setup()  # which sets the keys of the tests for all processes
    sys.stdout.write(f"SEED={options.seed} MINUTES={options.minutes:g}\n")
    with TemporaryDirectory(prefix="jwo-soak-") as folder:
        report = soak(Path(folder), seed=options.seed, seconds=options.minutes * 60, mutants=options.mutants)
    sys.stdout.write(f"{report}\n")
    sys.exit(bool(report.findings))


if __name__ == "__main__":
    main()
