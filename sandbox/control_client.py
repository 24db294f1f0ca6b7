"""The sandbox's own doors, from the outside: what the gate stages through, and tests look through."""

from collections.abc import Iterable
from typing import Any, cast

import requests

TIMEOUT = 30


class SandboxUnreachableError(Exception):
    """The text names the address and the cure."""


class ControlClient:
    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        # A proxy named in the environment cannot reach this machine's loopback.
        self._session.trust_env = False

    def close(self) -> None:
        self._session.close()

    def stage(self, trips: Iterable[dict[str, Any]]) -> dict[str, Any]:
        """Trips as POST /sandbox/trips takes them; known ones stay as they are."""
        return self._call("POST", "/sandbox/trips", {"trips": list(trips)})

    def fault(self, kind: str, **fields: Any) -> dict[str, Any]:
        return self._call("POST", "/sandbox/faults", {"kind": kind, **fields})

    def clear_faults(self) -> dict[str, Any]:
        return self._call("DELETE", "/sandbox/faults")

    def limit(self, per_second: float, operation: str = "*") -> dict[str, Any]:
        return self._call("POST", "/sandbox/limits", {"per_second": per_second, "operation": operation})

    def clear_limits(self) -> dict[str, Any]:
        return self._call("DELETE", "/sandbox/limits")

    def register_shopper(self, shopper_id: str, email: str) -> dict[str, Any]:
        return self._call("POST", "/sandbox/shoppers", {"shoppers": [{"shopperId": shopper_id, "email": email}]})

    def move_clock(self, offset_seconds: float) -> dict[str, Any]:
        return self._call("POST", "/sandbox/clock", {"offset_seconds": offset_seconds})

    def books(self) -> list[dict[str, Any]]:
        return cast(list[dict[str, Any]], self._call("GET", "/books")["trips"])

    def trip(self, trip_id: str) -> dict[str, Any]:
        return self._call("GET", f"/books/{trip_id}")

    def _call(self, method: str, path: str, content: object = None) -> dict[str, Any]:
        try:
            answer = self._session.request(method, self.url + path, json=content, timeout=TIMEOUT)
        except requests.RequestException as error:
            raise SandboxUnreachableError(
                f"No sandbox answers at {self.url}. Start it with: manage.py sandbox"
            ) from error
        if not answer.ok:
            raise ValueError(f"{method} {path}: {answer.status_code} {answer.text}")
        return cast(dict[str, Any], answer.json())
