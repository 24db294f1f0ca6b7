"""A PostgreSQL of our own with one store in it, and the web process on it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.races.postgres_cluster import Cluster, running_cluster
from tests.races.processes import PROJECT, Web, environment_of_children, running_web

STORE = "TEST-CRASHES"
PREPARE = f"""
from django.core.management import call_command
from stores.models import Store
call_command("migrate", verbosity=0)
Store.objects.create(external_id="{STORE}", name="Crashes", region="us-east-1", time_zone="America/New_York",
                     currency="USD")
"""


@dataclass(frozen=True)
class Scene:
    cluster: Cluster
    web: Web


@contextmanager
def prepared(folder: Path, **settings: str) -> Iterator[Scene]:
    """`settings` are PostgreSQL's."""
    with running_cluster(**settings) as cluster:
        environment = environment_of_children(DATABASE_URL=cluster.url)
        command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", PREPARE]
        subprocess.run(command, cwd=PROJECT, env=environment, check=True)
        with running_web(cluster.url, folder / "web.log") as web:
            yield Scene(cluster, web)
