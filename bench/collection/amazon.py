"""A stand-in for Amazon's payments and feedback hosts that answers each call after the same time, with success.

    python -m bench.collection.amazon PORT DELAY_MS

It keeps books of what it took. It begins closed (connections are refused) and obeys lines of JSON on standard input,
each answered by one on standard output (bench.collection.stand_in). It ends with its standard input.
"""

import asyncio
import json
import math
import re
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1"
_LONGEST_ORDER = 1 << 24
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_REASONS = {200: "OK", 400: "Bad Request", 429: "Too Many Requests"}


@dataclass
class Books:
    """Times are those of time.monotonic, which is the same for all processes of a machine."""

    captures: list[tuple[str, float]] = field(default_factory=list)  # trip and time, in the order of the calls
    first_call: float = 0
    told_to_wait: int = 0
    early: int = 0  # calls made again before the wait that they were told was over
    meanwhile: int = 0  # any calls of a host before a wait that it had told somebody was over


class Amazon:
    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.connections: set[asyncio.Transport] = set()
        self._busy_until = 0.0
        self._server: asyncio.Server | None = None
        self._begin([])

    def answer(self, path: str, call: dict[str, Any]) -> tuple[int, bytes, int]:
        """Status, body, and seconds to wait or 0."""
        now = time.monotonic()
        trip = call["shoppingTripId"]
        self._books.first_call = self._books.first_call or now
        self._books.early += self._waits.get((path, trip), 0) > now
        self._books.meanwhile += self._longest_waits[_host(path)] > now
        if now < self._busy_until:
            self._books.told_to_wait += 1
            return 429, b'{"errorMsg":"Too Many Requests"}', math.ceil(self._busy_until - now)
        match path:
            case "/v1/adjust/charge":
                return 200, _json({"status": "APPROVED", "authorizedAmount": call["amount"]}), 0
            case "/v1/capture/charge":
                self._books.captures.append((trip, now))
                self._left.discard(trip)
                self._captured.add(trip)
                return 200, b"", 0
            case "/v1/payment/transactional-data":
                proof = {"cardStatementTransactionId": "T1"} if trip in self._captured else {}
                return 200, _json({"brand": "VISA", "tail": "4242", **proof}), 0
            case "/v1/feedback/payment-status":
                return 200, _json({"status": "Accepted"}), 0
            case _:
                return 400, b'{"errorMsg":"BadRequestException"}', 0

    def has_told_to_wait(self, path: str, call: dict[str, Any], seconds: int) -> None:
        """The answer that says so has just left."""
        until = time.monotonic() + seconds
        self._waits[path, call["shoppingTripId"]] = until
        self._longest_waits[_host(path)] = max(self._longest_waits[_host(path)], until)

    async def obey(self, port: int) -> None:
        lines = asyncio.StreamReader(limit=_LONGEST_ORDER)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := await lines.readline():
            order = json.loads(line)
            if order["do"] == "open":
                self._server = await loop.create_server(lambda: _Connection(self), HOST, port, backlog=1024)
            print(json.dumps(self._do(order)), flush=True)

    def _do(self, order: dict[str, Any]) -> object:
        match order:
            case {"do": "close"} if self._server:
                self._server.close()
                for connection in list(self.connections):
                    connection.abort()
            case {"do": "be busy", "seconds": seconds}:
                self._busy_until = time.monotonic() + seconds
            case {"do": "expect", "trips": trips}:
                self._begin(trips)
            case {"do": "count"}:
                return len(self._left)
            case {"do": "show"}:
                return vars(self._books)
        return None

    def _begin(self, expected: list[str]) -> None:
        """New books."""
        self._books = Books()
        self._left = set(expected)
        self._captured: set[str] = set()
        self._waits: dict[tuple[str, str], float] = {}  # until when, by path and trip
        self._longest_waits: defaultdict[str, float] = defaultdict(float)  # by host


class _Connection(asyncio.Protocol):
    """HTTP/1.1, kept alive."""

    _transport: asyncio.Transport

    def __init__(self, amazon: Amazon) -> None:
        self._amazon = amazon
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._amazon.connections.add(self._transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._amazon.connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, rest = self._received.partition(b"\r\n\r\n")
            length = int(found[1]) if (found := _LENGTH.search(head)) else 0
            if len(rest) < length:
                return
            self._received = rest[length:]
            self._take(head.split(b" ", 2)[1].decode(), json.loads(rest[:length]))

    def _take(self, path: str, call: dict[str, Any]) -> None:
        status, content, wait = self._amazon.answer(path, call)
        retry_after = f"Retry-After: {wait}\r\n" if wait else ""
        head = f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Length: {len(content)}\r\n{retry_after}\r\n"

        def send() -> None:
            if not self._transport.is_closing():
                self._transport.write(head.encode() + content)
                if wait:
                    self._amazon.has_told_to_wait(path, call, wait)

        asyncio.get_running_loop().call_later(self._amazon.delay, send)


def _host(path: str) -> str:
    """Amazon has one for feedback and one for payments."""
    return "feedback" if path.startswith("/v1/feedback/") else "payments"


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


if __name__ == "__main__":
    asyncio.run(Amazon(float(sys.argv[2]) / 1000).obey(int(sys.argv[1])))
