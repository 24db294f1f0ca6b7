"""Between RSGI, granian's interface to an event loop, and Django, which speaks WSGI: the request, and the answer."""

import asyncio
import sys
from contextlib import closing
from io import BufferedReader, BytesIO, RawIOBase
from typing import IO, Any

from django.core.handlers.wsgi import WSGIHandler
from django.http import FileResponse, HttpResponse
from granian.rsgi import HTTPProtocol, ProtocolClosed, ProtocolError, Scope  # type: ignore[attr-defined]

Environ = dict[str, Any]

_PART_BYTES = 64 * 1024
_OF_EVERY_REQUEST: Environ = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


async def read(scope: Scope, protocol: HTTPProtocol, most: int) -> Environ:
    """The request with its body, or so much of it as `most` bytes."""
    announced = scope.headers.get("content-length") or ""
    if announced.isdecimal() and int(announced) <= most:
        body = await protocol()
    else:
        body = b""
        async for part in protocol:
            body += part
            if len(body) >= most:
                break
    return _environ(scope, BytesIO(body)) | {"CONTENT_LENGTH": str(len(body))}


def unread(scope: Scope, protocol: HTTPProtocol) -> Environ:
    """The request for a thread, which gets the body from this loop part by part when it reads it."""
    return _environ(scope, BufferedReader(_Body(protocol, asyncio.get_running_loop()), _PART_BYTES))


def answer(handler: WSGIHandler, environ: Environ, protocol: HTTPProtocol, loop: asyncio.AbstractEventLoop) -> None:
    """In a thread of the loop's."""
    started: list[tuple[int, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        started.append((int(status[:3]), headers))

    response = handler(environ, start_response)
    ((status, headers),) = started
    with closing(response):
        if isinstance(response, HttpResponse):
            protocol.response_bytes(status, headers, response.content)
            return
        if isinstance(response, FileResponse):
            response.block_size = _PART_BYTES
        transport = protocol.response_stream(status, headers)

        async def send(part: bytes) -> None:
            await transport.send_bytes(part)

        for part in response:
            asyncio.run_coroutine_threadsafe(send(part), loop).result()


def _environ(scope: Scope, body: IO[bytes]) -> Environ:
    host, _, port = scope.server.rpartition(":")
    environ = _OF_EVERY_REQUEST | {
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),  # as WSGI spells it
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
    }
    if scope.authority:
        environ["HTTP_HOST"] = scope.authority
    for name, value in scope.headers.items():
        key = "HTTP_" + name.upper().replace("-", "_")
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ["CONTENT_LENGTH"] = environ.pop("HTTP_CONTENT_LENGTH", "")
    return environ


class _Body(RawIOBase):
    def __init__(self, protocol: HTTPProtocol, loop: asyncio.AbstractEventLoop) -> None:
        self._parts = aiter(protocol)
        self._loop = loop
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            try:
                self._rest = memoryview(asyncio.run_coroutine_threadsafe(self._next_part(), self._loop).result())
            except (ProtocolClosed, ProtocolError) as error:  # an OSError is what Django expects of a broken line
                raise OSError("The caller has gone away.") from error
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    async def _next_part(self) -> bytes:
        part: bytes = await anext(self._parts, b"")
        return part
