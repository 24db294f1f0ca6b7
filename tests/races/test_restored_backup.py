"""The database is lost, and a backup from before is restored (reliability.md, row 14).

What happened in between stands in Amazon's books alone. Nobody pays twice for it, and reconciling names each trip.
"""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from conftest import TEST_KEYS
from sandbox.testing import SandboxProcess
from tests.races.postgres_cluster import Cluster, running_cluster
from tests.races.processes import PROJECT, environment_of_children

pytestmark = pytest.mark.services

MIGRATE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
TAKE_IN = """
from payments.tests.trips import TEN, priced_trip
for _ in range(2):
    print(priced_trip(TEN).amazon_trip_id)
"""
WORK_OFF = """
from tests.races.compressed_time import work_off
work_off()
"""


class Office:
    def __init__(self, cluster: Cluster, sandbox: SandboxProcess) -> None:
        self._sandbox = sandbox
        self._environment = environment_of_children(
            DATABASE_URL=cluster.url,
            AMAZON_PAYMENTS_URL=sandbox.url,
            AMAZON_FEEDBACK_URL=sandbox.url,
            RECONCILE_BOOKS_URL=f"{sandbox.url}/books",
        )

    def take_in(self) -> list[str]:
        """Two trips that cost 10.00, priced; their ids."""
        trip_ids = self.run(TAKE_IN).split()
        hold = {"amount": "50.00", "code": "USD"}
        self._sandbox.stage(
            {"shoppingTripId": trip_id, "storeId": "TEST-CARD", "preauthorized": hold} for trip_id in trip_ids
        )
        return trip_ids

    def run(self, program: str) -> str:
        done = self._manage("shell", "--verbosity", "0", "--command", program)
        assert not done.returncode, done.stderr
        return done.stdout

    def reconcile(self) -> tuple[int, str]:
        today = datetime.now(UTC).date()
        done = self._manage("reconcile", "--from", f"{today - timedelta(days=1)}", "--to", f"{today}")
        return done.returncode, done.stdout

    def _manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=PROJECT, env=self._environment, capture_output=True, text=True)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def amazon() -> Iterator[SandboxProcess]:
    """With books of its own: all of them are compared."""
    with SandboxProcess(**TEST_KEYS) as process:
        yield process


def test_nobody_pays_twice_and_what_is_missing_is_named(cluster: Cluster, amazon: SandboxProcess) -> None:
    """The negative control is the reconciliation before: it finds nothing while nothing is missing."""
    office = Office(cluster, amazon)
    office.run(MIGRATE)
    paid_before = office.take_in()
    office.run(WORK_OFF)
    paid_since = office.take_in()
    cluster.back_up()
    taken_in_since = office.take_in()
    office.run(WORK_OFF)
    status, _ = office.reconcile()
    assert status == 0

    cluster.restore()

    office.run(WORK_OFF)  # workers ask for what they think is not paid yet, and Amazon refuses
    status, said = office.reconcile()
    assert status == 1
    assert all(trip_id in said for trip_id in paid_since + taken_in_since)
    assert not any(trip_id in said for trip_id in paid_before)
    assert [trip["captures"] for trip in amazon.books()] == [1] * 6
