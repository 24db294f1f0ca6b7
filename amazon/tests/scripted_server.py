"""A real HTTP server on loopback that answers the next calls as it is told, byte for byte, and keeps what came."""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import parse_headers
from io import BytesIO
from threading import Thread

Reply = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Received:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ScriptedServer:
    reply: Reply
    received: list[Received] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        reader = connection.makefile("rb")
        request_line = reader.readline().decode()
        if not request_line:
            return
        method, target, _ = request_line.split(" ")
        head = b""
        while (line := reader.readline()) not in {b"\r\n", b""}:
            head += line
        headers = {name.lower(): value for name, value in parse_headers(BytesIO(head + b"\r\n")).items()}
        body = reader.read(int(headers.get("content-length", "0")))
        self.received.append(Received(method, target, headers, body))
        self.reply(connection)


def http(status: str, body: bytes = b"", **headers: str) -> Reply:
    """A whole answer, after which the connection ends. `Retry_After="3"` becomes the header Retry-After."""
    lines = {"Content-Length": str(len(body)), "Connection": "close"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return raw(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)


def raw(sent: bytes) -> Reply:
    """These bytes, and then the connection is cut."""

    def reply(connection: socket.socket) -> None:
        connection.sendall(sent)

    return reply


def silence(seconds: float) -> Reply:
    def reply(connection: socket.socket) -> None:
        time.sleep(seconds)

    return reply
