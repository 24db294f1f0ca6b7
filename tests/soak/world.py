"""Everything that runs in production, in one process tree: PostgreSQL, Redis, the web, two workers, and the sandbox."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from conftest import TEST_KEYS
from sandbox.testing import SandboxProcess
from tests.races.postgres_cluster import Cluster, running_cluster
from tests.races.processes import PROJECT, Process, Web, environment_of_children, start_worker
from tests.races.redis_server import RedisServer, running_redis
from tests.soak.visits import PREPARE

# One call in so many fails at all times, besides the troubles that come and go.
FAULT_RATE = 0.1
# A lease outlives the longest call by far; otherwise everything is tried again soon.
SETTINGS = {
    "AMAZON_CONNECT_TIMEOUT": "1",
    "AMAZON_READ_TIMEOUT": "1.5",
    "CAPTURE_LOOKUP_DELAY_SECONDS": "4",
    "WORK_LEASE_SECONDS": "8",
    "WORK_RETRY_FIRST_SECONDS": "0.3",
    "WORK_RETRY_MOST_SECONDS": "2",
    "WORK_CONCURRENCY": "4",
    "WORK_CALLS": "16",
    "JOURNAL_DELAY_SECONDS": "0.5",
    "EMAIL_URL": "dummymail://",
}


class World:
    def __init__(
        self, cluster: Cluster, redis: RedisServer, sandbox: SandboxProcess, folder: Path, mutants: str
    ) -> None:
        self.cluster, self.redis, self.sandbox, self._folder = cluster, redis, sandbox, folder
        hosts = ("PAYMENTS", "CHECKOUT", "FEEDBACK", "CATALOG")
        self.environment = {
            **SETTINGS,
            **{f"AMAZON_{host}_URL": sandbox.url for host in hosts},
            "DATABASE_URL": cluster.url,
            "CELERY_BROKER_URL": redis.url,
            "RECONCILE_BOOKS_URL": f"{sandbox.url}/books",
            "SOAK_MUTANTS": mutants,
        }
        self._names = count(1)
        self._application = "tests.soak.mutants:application" if mutants else "jwo_backoffice.rsgi:application"
        self._celery = "tests.soak.mutants" if mutants else "jwo_backoffice"
        self.web: Web
        self.workers: list[Process] = []

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        environment = environment_of_children(**self.environment)
        return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)

    def start_web(self) -> None:
        environment = {name: value for name, value in self.environment.items() if name != "DATABASE_URL"}
        log = self._folder / f"web-{next(self._names)}.log"
        self.web = Web(self.cluster.url, log, application=self._application, **environment)
        self.web.wait_until_it_answers()

    def hire(self) -> None:
        """A worker with a clock of its own, as if on a machine of its own: two clocks wake nobody too often."""
        name = f"worker-{next(self._names)}"
        folder = self._folder / name
        folder.mkdir()
        self.workers.append(start_worker(name, folder, beat=True, app=self._celery, **self.environment))

    def end(self) -> None:
        for process in [*self.workers, self.web]:
            process.kill()


@contextmanager
def running_world(folder: Path, seed: int, mutants: str = "") -> Iterator[World]:
    with (
        running_cluster() as cluster,
        running_redis(folder) as redis,
        SandboxProcess(fault_rate=FAULT_RATE, seed=seed, **TEST_KEYS) as sandbox,
    ):
        world = World(cluster, redis, sandbox, folder, mutants)
        prepared = world.manage("shell", "--verbosity", "0", "--command", PREPARE)
        if prepared.returncode:
            raise RuntimeError(prepared.stderr)
        world.start_web()
        try:
            world.hire()
            world.hire()
            yield world
        finally:
            world.end()
