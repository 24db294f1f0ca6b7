"""A host that answers every call by script and keeps what it was sent, in Amazon's place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from amazon.outbound.errors import AmazonError
from amazon.outbound.transport import Address, Failure


@dataclass
class ScriptedHost:
    """Answers every call with `status`, `body` and `headers`; keeps what it was sent."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def says(self, status: int, body: str = "", **headers: str) -> None:
        self.status, self.body = status, body.encode()
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def address(self, store_id: str = "STORE-1", trip_id: str = "valid-shopping-trip-uuid") -> Address:
        return Address(self.url, "eu-west-1", store_id, trip_id)


@contextmanager
def scripted_host() -> Iterator[ScriptedHost]:
    host = ScriptedHost()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_POST(self) -> None:
            host.seen.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            # The next test may write its script as soon as the head has left.
            body = host.body
            self.send_response(host.status)
            for name, value in ({"Content-Length": str(len(body))} | host.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        host.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield host
        server.shutdown()


def refusal(call: Callable[[], Any]) -> AmazonError:
    """How the call fails; its journal row says the same."""
    with pytest.raises(Failure) as caught:
        call()
    assert caught.value.call.error == str(caught.value.error).removeprefix("Not sent: ")
    return caught.value.error
