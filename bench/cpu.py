"""Processor time and memory of process trees, read from /proc."""

import os
from collections import defaultdict
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def _stat_fields(pid: int) -> list[str]:
    # The name in parentheses may hold blanks: count the fields after it. [0] is the state, [1] the parent.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def parent_of(pid: int) -> int:
    return int(_stat_fields(pid)[1])


def process_tree(root: int) -> list[int]:
    """The process and all of its descendants that are alive."""
    children = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                children[parent_of(int(entry.name))].append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    found = [root]
    for pid in found:  # grows while it is walked
        found.extend(children[pid])
    return found


def process_seconds(pid: int) -> float:
    """utime + stime of one process so far, with those of its children that ended and were waited for."""
    try:
        return sum(int(field) for field in _stat_fields(pid)[11:15]) / _TICKS_PER_SECOND
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def tree_seconds(root: int) -> float:
    """utime + stime of a process tree so far.

    It never falls, since a parent keeps the time of children that ended. This makes it right for PostgreSQL too, whose
    backends come and go with their connections.
    """
    return sum(process_seconds(pid) for pid in process_tree(root))


def machine_seconds() -> float:
    """user + nice + system of all cores. Interrupts are left out: no process is charged for them."""
    user, nice, system = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:4]
    return (int(user) + int(nice) + int(system)) / _TICKS_PER_SECOND


def largest_resident_mb(root: int) -> float:
    """Resident memory of the largest process of the tree, which is a worker."""
    return max(_resident_kb(pid) for pid in process_tree(root)) / 1024


def _resident_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
