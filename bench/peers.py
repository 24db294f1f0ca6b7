"""The comparison programs: their virtual environment and their servers."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.databases import Database
from bench.services import API_KEY, REPOSITORY, WORKERS, Server, running

_ENVIRONMENT = REPOSITORY / ".venv-bench"
_REQUIREMENTS = REPOSITORY / "bench" / "requirements.txt"


def install() -> Path:
    """The environment's Python, with what the requirements pin."""
    python = _ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(_ENVIRONMENT)], check=True)
    marker = _ENVIRONMENT / "installed-requirements.txt"
    wanted = _REQUIREMENTS.read_text()
    if not marker.exists() or marker.read_text() != wanted:
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(_REQUIREMENTS)], check=True)
        marker.write_text(wanted)
    return python


@contextmanager
def running_uvicorn(
    name: str, application: str, database: Database, python: Path, log: Path, pool_size: int, *, probed: str
) -> Iterator[Server]:
    """`name` is also the schema of the program's tables."""
    command = [
        str(python),
        *("-m", "uvicorn", application),
        *("--host", "127.0.0.1", "--port", "{port}", "--workers", str(WORKERS)),
        *("--loop", "uvloop", "--http", "httptools", "--ws", "none"),
        *("--no-access-log", "--log-level", "warning"),
    ]
    environment = {
        "PEER_DATABASE_URL": database.url,
        "PEER_SCHEMA": name,
        "PEER_API_KEY": API_KEY,
        "PEER_POOL_SIZE": str(pool_size),
    }
    with running(name, command, environment, log, probed=probed) as server:
        yield server
