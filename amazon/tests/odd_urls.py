"""The project's routes, and endpoints that answer in each way that a connector can."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import OperationalError
from django.http import HttpResponse
from django.urls import include, path

from amazon.inbound.errors import NotFound, TooManyCalls, Unauthorized
from amazon.inbound.views import ConnectorView, GatheredView, UnknownRouteView, answer
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


class TogetherView(GatheredView[str, str]):
    """In no list of routes: for an event loop."""

    decoder = msgspec.json.Decoder(Anything)

    @staticmethod
    def act(keys: Sequence[str]) -> list[str | Exception]:
        if "away" in keys:
            raise OperationalError("the server closed the connection")
        if "broken" in keys:
            raise LookupError("no code broken")
        return [Unauthorized("this code opens no gate") if key == "stranger" else key for key in keys]

    def item(self, request: Anything, body: bytes) -> str:
        return request.identity_key

    def answer(self, result: str) -> HttpResponse:
        return answer(200, Anything(result))


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
