"""One kept-alive HTTP connection that waits for every answer and reads it."""

import socket

from bench.services import API_KEY

_TIMEOUT_SECONDS = 20


class Connection:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._socket.makefile("rb")

    def send(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"x-api-key: {API_KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + body)
        status = int(self._answers.readline().split()[1])
        headers = {}
        while (line := self._answers.readline()) not in {b"\r\n", b""}:
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return status, self._body(headers)

    def _body(self, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return self._answers.read(int(headers["content-length"]))
        body = b""
        while size := int(self._answers.readline(), 16):  # chunked
            body += self._answers.read(size + 2)[:-2]
        self._answers.readline()
        return body

    def close(self) -> None:
        self._answers.close()
        self._socket.close()
