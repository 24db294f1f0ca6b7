"""The RSGI door: granian's event loop.

Carts are read, checked and answered by the loop itself, and go to the database together. Everything else is answered
by threads, as behind WSGI.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

# isort: off
from jwo_backoffice.wsgi import connector, is_of_the_connector, pages  # first, since it sets Django up

# isort: on
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope  # type: ignore[attr-defined]

from core import rsgi
from core.gathering import Gathering
from orders.connector.views import CreatePurchasesView

GATHERED = {"/v1/order/purchases": CreatePurchasesView}


class Application:
    """What a worker process of granian's calls."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(settings.WEB_THREADS, thread_name_prefix="web")
        self._gatherings: dict[str, Gathering[Any, Any]] = {path: Gathering(GATHERED[path].act) for path in GATHERED}

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        with suppress(ProtocolClosed):  # who has gone away needs no answer
            if not is_of_the_connector(scope.path):
                await self._in_thread(pages, rsgi.unread(scope, protocol), protocol)
                return
            environ = await rsgi.read(scope, protocol, settings.CONNECTOR_MAX_BODY_BYTES + 1)
            # A journal without a delay is written before the answer, for which a loop cannot wait.
            if scope.path in GATHERED and settings.JOURNAL_DELAY_SECONDS > 0:
                view, gathering = GATHERED[scope.path](), self._gatherings[scope.path]
                response = await view.serve(WSGIRequest(environ), gathering)
                protocol.response_bytes(response.status_code, [*response.items()], response.content)
            else:
                await self._in_thread(connector, environ, protocol)

    async def _in_thread(self, handler: WSGIHandler, environ: rsgi.Environ, protocol: HTTPProtocol) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, rsgi.answer, handler, environ, protocol, loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._threads.shutdown()
        for gathering in self._gatherings.values():
            gathering.end()


application = Application()
