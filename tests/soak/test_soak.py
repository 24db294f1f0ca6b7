"""The shortest soak (reliability.md, row 15).

SOAK_SEED replays its visits, refunds and troubles, not the moments at which processes come to their turn.
"""

import sys
from pathlib import Path

import pytest

from tests.races.seeds import seed_of
from tests.soak.run import Report, soak
from tests.soak.troubles import silence

pytestmark = pytest.mark.services

SECONDS = 20.0
SECONDS_OF_MUTANTS = 10.0
REFUNDS_OF_MUTANTS = 10  # half of those in a silence are lost: enough that one of them is


def found(report: Report, words: str) -> int:
    return sum(words in finding for finding in report.findings)


def test_nothing_is_lost_and_nothing_happens_twice(tmp_path: Path) -> None:
    report = soak(tmp_path, seed=seed_of("SOAK_SEED"), seconds=SECONDS)

    sys.stdout.write(f"{report}\n")
    assert report.findings == []


def test_each_planted_bug_is_found(tmp_path: Path) -> None:
    """Negative control of the test above: three bugs at once, each with findings of its own."""
    report = soak(
        tmp_path,
        seed=seed_of("SOAK_SEED"),
        seconds=SECONDS_OF_MUTANTS,
        patience=SECONDS_OF_MUTANTS,
        mutants="deaf,new_ids,forgetful",
        troubles=[silence],
        refunds=REFUNDS_OF_MUTANTS,
    )

    sys.stdout.write(f"{report}\n")
    assert found(report, "captured 2 times")
    assert found(report, "refunded: ")
    assert found(report, "acknowledged and lost")
    assert found(report, "reconcile ended with 1")
