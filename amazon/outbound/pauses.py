"""When a host is left alone: it asked for that (429), or several calls in a row got no usable answer.

Each process learns it by itself, from a few calls, and remembers it as long as the pause lasts. Then one call goes
first; what becomes of it says whether the others follow. A single trip that always gets a 5xx stops no other: any
answer in between begins the count anew.
"""

import time
from dataclasses import dataclass
from threading import Lock

FAILURES_IN_A_ROW = 5
SECONDS = 2.0
# So long after the end that a host has named, lest the first call comes a moment before it.
_MARGIN = 0.1


@dataclass(slots=True)
class _Host:
    failures: int = 0
    until: float = 0.0
    is_tried: bool = False  # one call is on its way, to see whether the host is back


_hosts: dict[str, _Host] = {}
_lock = Lock()


def is_paused(host: str) -> bool:
    """Whether nobody else should call it now."""
    return (state := _hosts.get(host)) is not None and time.monotonic() < state.until


def are_none() -> bool:
    return not _hosts


def may_begin(host: str) -> bool:
    """Whether a call of the host may be begun. After a pause that is true once in SECONDS, until one is answered."""
    with _lock:
        state = _hosts.get(host)
        if state is None or not state.until:
            return True
        if time.monotonic() < state.until:
            return False
        state.is_tried = True
        state.until = time.monotonic() + SECONDS
        return True


def may_leave(host: str) -> bool:
    """Whether a call that was begun may still be made: another one may have met a pause meanwhile."""
    state = _hosts.get(host)
    return state is None or state.is_tried or time.monotonic() >= state.until


def answered(host: str) -> None:
    """With whatever; but what left before a pause and was answered during it says nothing of its end."""
    with _lock:
        state = _hosts.get(host)
        if state and (state.is_tried or time.monotonic() >= state.until):
            del _hosts[host]


def failed(host: str) -> None:
    """No connection came about, no answer came, or it was a 5xx."""
    with _lock:
        state = _hosts.setdefault(host, _Host())
        state.failures += 1
        if state.is_tried or state.failures >= FAILURES_IN_A_ROW:
            _pause(state, SECONDS)


def asked_for(host: str, seconds: float | None) -> None:
    """The host asked to be left alone for so long; None: it did not say how long."""
    with _lock:
        _pause(_hosts.setdefault(host, _Host()), SECONDS if seconds is None else seconds + _MARGIN)


def forget() -> None:
    """All that is known of any host."""
    with _lock:
        _hosts.clear()


def _pause(state: _Host, seconds: float) -> None:
    until = time.monotonic() + seconds
    state.until = until if state.is_tried else max(state.until, until)
    state.is_tried = False
