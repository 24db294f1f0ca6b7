"""The frame of every endpoint that Amazon calls: who calls, how large, which type, which shape, one error body, and the
journal. Whatever happens inside, the caller gets JSON: {"errorMsg": …} for all that is no success.
"""

import logging
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from django.conf import settings
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError
from rest_framework.exceptions import APIException
from rest_framework.views import APIView

from amazon.inbound.authentication import ConnectorKeyAuthentication
from amazon.inbound.calls import REFUSED, Call
from amazon.inbound.errors import CallRefused, NotFound, OnlyPost, TooLarge, TryAgain, WrongType
from amazon.inbound.journal import journal
from amazon.inbound.redaction import mask_text, redact
from amazon.wire import ErrorBody, Malformed, parse
from core.connections import on_live_connection
from core.gathering import Gathering

# Set by whoever sends a stored call again; no header of a request can spell it.
REPLAY_MARK = "jwo_backoffice.is_replay"

# What is kept of a body that was refused unread: it may be anybody's.
_KEPT_UNREAD = 1000

_encode = msgspec.json.Encoder(decimal_format="number").encode

Item = TypeVar("Item")
Result = TypeVar("Result")

logger = logging.getLogger(__name__)


class ConnectorView(APIView):
    """A POST whose body is of the shape that `decoder` reads. Subclasses name it and answer in `handle`.

    Besides answering, they may raise Malformed (400) and what stands in amazon.inbound.errors.
    """

    http_method_names = ["post"]
    authentication_classes = [ConnectorKeyAuthentication]
    permission_classes = []  # nothing beyond the key: the authentication has refused everybody else
    decoder: ClassVar[msgspec.json.Decoder[Any]]

    caller = REFUSED
    received: bytes | None = None  # the body, as soon as it is read

    def handle(self, request: Any, body: bytes) -> HttpResponse:
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Instead of DRF's steps, of which a machine's POST needs one, and which cost as much as all else here."""
        self.begin(request)
        try:
            response = self.post(request)
        except Exception as error:
            response = self.handle_exception(error)
        self.write_down(response)
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        return on_live_connection(partial(self.handle, *self.read(request)))

    def begin(self, request: HttpRequest) -> None:
        self.call = request
        self.arrived_at, self.started = time.time(), time.perf_counter()

    def read(self, request: HttpRequest) -> tuple[Any, bytes]:
        """What came from somebody who may call: in its shape, and as bytes."""
        self.authenticate(request)
        if request.method != "POST":
            raise OnlyPost(f"the method {request.method} is not allowed: everything here is a POST")
        body = self.received = _body(request)
        return parse(self.decoder, body), body

    def authenticate(self, request: HttpRequest) -> None:
        caller, _ = ConnectorKeyAuthentication().authenticate(request)
        self.caller = caller.name

    def write_down(self, response: HttpResponse) -> None:
        call, status = self.call, response.status_code
        body, is_cut = self._kept(status)
        journal.record(
            Call(
                at=self.arrived_at,
                seconds=time.perf_counter() - self.started,
                path=call.path,
                caller=self.caller,
                body=body,
                is_cut=is_cut,
                status=status,
                answer=response.content,
                is_replay=REPLAY_MARK in call.META,
            )
        )

    def _kept(self, status: int) -> tuple[bytes, bool]:
        """The body for the journal, and whether that is only a part of it."""
        if self.received is not None:
            return self.received, False
        if status == TooLarge.status:
            return b"", True
        try:
            beginning = _read(self.call, _KEPT_UNREAD + 1)
        except Malformed:
            return b"", True
        return beginning[:_KEPT_UNREAD], len(beginning) > _KEPT_UNREAD

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        match exc:
            case Malformed():
                return answer(400, ErrorBody(str(exc)))
            case CallRefused():
                return answer(exc.status, ErrorBody(str(exc)), exc.headers)
            case APIException():
                return answer(exc.status_code, ErrorBody(str(exc.detail)))
            case OperationalError() | InterfaceError():
                return self.handle_exception(TryAgain("the database cannot be reached just now"))
            case _:
                return self._own_fault(exc)

    def _own_fault(self, error: Exception) -> HttpResponse:
        """500 in the contract's shape. The log says what happened, without what the body must not leave there."""
        got_request_exception.send(sender=type(self), request=self.call)
        story = "".join(traceback.format_exception(error))
        logger.error(
            "%s failed\n%s",
            mask_text(self.call.path),
            mask_text(story, secrets=redact(self.received or b"").secrets),
        )
        return answer(500, ErrorBody("the connector failed; its log says why"))


class GatheredView(ConnectorView, Generic[Item, Result]):
    """A call that is acted on together with others that come at the same moment, where an event loop gathers them.

    `item` says what it is about, without the database; `act` does it for several, as Gathering wants it.
    """

    act: Callable[[Sequence[Item]], Sequence[Result | Exception]]

    def item(self, request: Any, body: bytes) -> Item:
        raise NotImplementedError

    def answer(self, result: Result) -> HttpResponse:
        raise NotImplementedError

    def handle(self, request: Any, body: bytes) -> HttpResponse:
        (result,) = self.act([self.item(request, body)])
        if isinstance(result, Exception):
            raise result
        return self.answer(result)

    async def serve(self, request: HttpRequest, gathering: Gathering[Item, Result]) -> HttpResponse:
        """dispatch, on an event loop."""
        self.begin(request)
        try:
            response = self.answer(await gathering.do(self.item(*self.read(request))))
        except Exception as error:
            response = self.handle_exception(error)
        self.write_down(response)
        return response


class UnknownRouteView(ConnectorView):
    """Every path under /v1/ and /v2/ that no other view has: 404 for who has a key."""

    schema = None

    def post(self, request: HttpRequest) -> HttpResponse:
        self.authenticate(request)
        raise NotFound(
            f"this connector has no {request.path}: the configured base URL ends before the /v1 or /v2 of the paths "
            "that Amazon documents"
        )


def answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A JSON answer from a msgspec struct."""
    response = HttpResponse(_encode(body), status=status, content_type="application/json", headers=headers)
    response._has_been_logged = True  # type: ignore[attr-defined]  # a refused call is no warning in our own log
    return response


def _body(request: HttpRequest) -> bytes:
    if request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != "application/json":
        raise WrongType("the Content-Type must be application/json")
    limit = settings.CONNECTOR_MAX_BODY_BYTES
    body = _read(request, limit + 1)
    if len(body) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes")
    return body


def _read(request: HttpRequest, most: int) -> bytes:
    try:
        body: bytes = request.read(most)
    except (UnreadablePostError, RawPostDataException) as error:
        raise Malformed("the body could not be read") from error
    return body
