"""A connector that answers as it is told, route by route, and remembers what it was asked."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, TypeVar


@dataclass
class Asked:
    path: str
    body: bytes
    headers: Message

    @property
    def content(self) -> Any:
        """None when the body is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass
class Answered:
    """Status 0 hangs up."""

    status: int
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()


Script = Callable[[Asked], Answered]


class ScriptedConnector(ThreadingHTTPServer):
    """Routes that are not in `scripts` are 404."""

    daemon_threads = True

    def __init__(self, scripts: dict[str, Script]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.scripts = scripts
        self.asked: list[Asked] = []

    def asked_at(self, path: str) -> list[Any]:
        return [asked.content for asked in self.asked if asked.path == path]


Server = TypeVar("Server", bound=ScriptedConnector)


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedConnector
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the acknowledgement of its headers

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        asked = Asked(self.path, body, self.headers)
        self.server.asked.append(asked)
        script = self.server.scripts.get(self.path)
        answered = script(asked) if script else Answered(404, b"<h1>Not Found</h1>")
        if not answered.status:
            self.close_connection = True
            return
        self.send_response(answered.status)
        for name, value in {**answered.headers, "Content-Length": str(len(answered.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answered.body)

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def served(server: Server) -> Iterator[Server]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
