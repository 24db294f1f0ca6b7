"""Amazon's calls as they come over the wire, and many of them at the very same moment."""

import json
import socket
from collections.abc import Sequence
from http.client import HTTPResponse

from tests.races.processes import HERE

PATH = "/v1/order/purchases"
HEADERS = {"x-api-key": "test-connector-key", "Content-Type": "application/json"}
PATIENCE = 60.0

# Status and purchase id; what else the body says where there is no purchase id.
Answer = tuple[int, str]


class Delivery:
    """A cart on a connection of its own, sent but for its last byte."""

    def __init__(self, port: int, body: bytes) -> None:
        fields = {"Host": HERE, **HEADERS, "Content-Length": str(len(body)), "Connection": "close"}
        head = f"POST {PATH} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
        self._socket = socket.create_connection((HERE, port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(head.encode() + body[:-1])
        self._last_byte = body[-1:]

    def fileno(self) -> int:
        """For select: readable once there is an answer."""
        return self._socket.fileno()

    def arrive(self) -> None:
        self._socket.sendall(self._last_byte)

    def hang_up(self) -> None:
        self._socket.close()

    def answer(self) -> Answer:
        with self._socket, HTTPResponse(self._socket, method="POST") as response:
            response.begin()
            return read(response.status, response.read())


def deliver_at_once(port: int, bodies: Sequence[bytes]) -> list[Answer]:
    """Each body on a connection of its own; all of them become whole within a millisecond or two."""
    deliveries = [Delivery(port, body) for body in bodies]
    for delivery in deliveries:
        delivery.arrive()
    return [delivery.answer() for delivery in deliveries]


def read(status: int, body: bytes) -> Answer:
    try:
        content = json.loads(body)
    except ValueError:
        return status, body.decode(errors="replace")[:200]
    return status, content.get("purchaseId", str(content))
