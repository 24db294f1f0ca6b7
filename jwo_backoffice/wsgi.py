"""The WSGI door. Amazon's calls take a short way past the middleware that only pages for people need."""

import os
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jwo_backoffice.settings")

import django
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve

django.setup()

_resolve: Callable[[str], ResolverMatch] = lru_cache(resolve)


class ConnectorHandler(WSGIHandler):
    """Django without middleware: sessions, CSRF, messages and static files mean nothing to a machine caller."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(self._view_response)

    def _view_response(self, request: HttpRequest) -> HttpResponse:
        view, arguments, named = _resolve(request.path_info)
        response: HttpResponse = view(request, *arguments, **named)
        return response


pages = WSGIHandler()
connector = ConnectorHandler()


def is_of_the_connector(path: str) -> bool:
    return path.startswith(("/v1/", "/v2/"))


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    handler = connector if is_of_the_connector(environ["PATH_INFO"]) else pages
    return handler(environ, start_response)
