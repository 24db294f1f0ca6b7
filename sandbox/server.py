"""The sandbox as an HTTP server of the standard library: signed calls to Amazon's hosts, the rest to the control."""

import logging
import socketserver
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from socket import SHUT_RDWR
from uuid import uuid4

from sandbox.amazon_side import AmazonSide, Setup
from sandbox.answers import Answer, ConnectionCutError, json_answer, missing_token
from sandbox.book_file import BookFile
from sandbox.signature import Call

logger = logging.getLogger(__name__)

# A catalogue of ten thousand items with long texts.
MOST_SIGNED_BYTES = 10 * 1024 * 1024
# Thousands of staged trips in one call are wanted.
MOST_CONTROL_BYTES = 64 * 1024 * 1024


class SandboxServer(ThreadingHTTPServer):
    daemon_threads = True
    # The backlog of five would drop the first burst of a caller with many workers.
    request_queue_size = 256

    def __init__(self, setup: Setup) -> None:
        """Raises OSError when the address cannot be had, sqlite3.Error when the books cannot."""
        # First: a server that cannot bind closes itself, and its books.
        self._book_file = BookFile(setup.books_path)
        super().__init__((setup.host, setup.port), SandboxHandler)
        self.amazon = AmazonSide(setup, self._book_file, self.url)

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Without the look-up of our own host name, which can hang where no name server answers."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def server_close(self) -> None:
        super().server_close()
        self._book_file.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller who hangs up is ordinary here; anything else is our fault and is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            logger.exception("Sandbox failed")


class SandboxHandler(BaseHTTPRequestHandler):
    server: SandboxServer
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    timeout = 300
    # Head and body leave in one packet: two would wait for each other's acknowledgement, 40 ms a call.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self._read_body()
        if body is None:
            return
        try:
            self._send(self._answer(body))
        except ConnectionCutError:
            self.close_connection = True
            self.connection.shutdown(SHUT_RDWR)

    do_GET = do_DELETE = do_PUT = do_PATCH = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the signed door writes one line for each of its calls."""

    def _answer(self, body: bytes) -> Answer:
        amazon = self.server.amazon
        if self.command == "POST" and amazon.signed_door.leads_to(self.path):
            return amazon.signed_door.answer(Call(self.command, self.path, self.headers, body))
        if not ip_address(self.client_address[0]).is_loopback:
            return missing_token()
        path = self.path.partition("?")[0]
        return amazon.control.answer(self.command, path, body, self.headers.get("Accept", ""))

    def _read_body(self) -> bytes | None:
        """None when the request was refused: what follows on the connection cannot be told apart from its body."""
        length = self.headers.get("Content-Length", "0")
        most = MOST_CONTROL_BYTES if self.path.startswith("/sandbox/") else MOST_SIGNED_BYTES
        if self.headers.get("Transfer-Encoding") or not (length.isascii() and length.isdigit()):
            self._refuse(411, "Length Required")
            return None
        if len(length) > 12 or int(length) > most:
            self._refuse(413, "Request Too Long")
            return None
        return self.rfile.read(int(length))

    def _refuse(self, status: int, message: str) -> None:
        self.close_connection = True
        self._send(json_answer(status, {"message": message}))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("x-amzn-RequestId", str(uuid4()))
        if answer.body:
            self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)
