"""The WSGI door. Amazon's calls take a short way past the middleware that only pages for people need."""

import os
from collections.abc import Callable, Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jwo_backoffice.settings")

import django
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler

django.setup()


class ConnectorHandler(WSGIHandler):
    """Django without middleware: sessions, CSRF, messages and static files mean nothing to a machine caller."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]


pages = WSGIHandler()
connector = ConnectorHandler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    handler = connector if environ["PATH_INFO"].startswith(("/v1/", "/v2/")) else pages
    return handler(environ, start_response)
