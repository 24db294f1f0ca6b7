"""The project's routes, and endpoints that answer in each way that a connector can."""

from typing import Any

import msgspec
from django.db import OperationalError
from django.http import HttpResponse
from django.urls import include, path

from amazon.inbound.errors import NotFound, TooManyCalls, Unauthorized
from amazon.inbound.views import ConnectorView, UnknownRouteView
from amazon.wire import Shape


class Anything(Shape, frozen=True):
    identity_key: str = ""


class OddView(ConnectorView):
    decoder = msgspec.json.Decoder(Anything)


class UnauthorizedView(OddView):
    def handle(self, request: Any, body: bytes) -> HttpResponse:
        raise Unauthorized("this code opens no gate")


class NotFoundView(OddView):
    def handle(self, request: Any, body: bytes) -> HttpResponse:
        raise NotFound("nobody knows this id")


class BusyView(OddView):
    def handle(self, request: Any, body: bytes) -> HttpResponse:
        raise TooManyCalls("too many calls of this store", retry_after=2.1)


class AwayView(OddView):
    def handle(self, request: Any, body: bytes) -> HttpResponse:
        raise OperationalError("the server closed the connection")


class BrokenView(OddView):
    def handle(self, request: Anything, body: bytes) -> HttpResponse:
        raise LookupError(f"no code {request.identity_key}, ask ada@example.com")


urlpatterns = [
    path("v1/test/unauthorized", UnauthorizedView.as_view()),
    path("v1/test/not-found", NotFoundView.as_view()),
    path("v1/test/busy", BusyView.as_view()),
    path("v1/test/away", AwayView.as_view()),
    path("v1/test/broken", BrokenView.as_view()),
    path("", include("jwo_backoffice.urls")),
    path("v1/<path:rest>", UnknownRouteView.as_view()),
    path("v2/<path:rest>", UnknownRouteView.as_view()),
]
