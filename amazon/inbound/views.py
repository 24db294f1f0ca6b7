"""The frame of every endpoint that Amazon calls: who calls, how large, which type, which shape, one error body, and the
journal. Whatever happens inside, the caller gets JSON: {"errorMsg": …} for all that is no success.
"""

import logging
import time
import traceback
from typing import Any, ClassVar

import msgspec
from django.conf import settings
from django.core.signals import got_request_exception
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError
from rest_framework.exceptions import APIException
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from amazon.inbound.authentication import AmazonCaller, ConnectorKeyAuthentication
from amazon.inbound.calls import REFUSED, Call
from amazon.inbound.errors import CallRefused, NotFound, TooLarge, TryAgain, WrongType
from amazon.inbound.journal import journal
from amazon.inbound.redaction import mask_text, redact
from amazon.wire import ErrorBody, Malformed, Shape, parse

# Set by whoever sends a stored call again; no header of a request can spell it.
REPLAY_MARK = "jwo_backoffice.is_replay"

# What is kept of a body that was refused unread: it may be anybody's.
_KEPT_UNREAD = 1000

_encode = msgspec.json.Encoder(decimal_format="number").encode

logger = logging.getLogger(__name__)


class OnlyJson(BaseContentNegotiation):
    """Amazon speaks JSON whatever its Accept header says."""

    def select_parser(self, request: Request, parsers: Any) -> None:
        return None

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> tuple[Any, str]:
        return JSONRenderer(), "application/json"


class ConnectorPermission(BasePermission):
    """Nothing beyond the key: the authentication class has refused everybody else."""


class ConnectorView(APIView):
    """A POST whose body is `request_shape`. Subclasses name it and answer in `handle`.

    Besides answering, they may raise Malformed (400) and what stands in amazon.inbound.errors.
    """

    http_method_names = ["post"]
    authentication_classes = [ConnectorKeyAuthentication]
    permission_classes = [ConnectorPermission]
    content_negotiation_class = OnlyJson
    parser_classes = []
    throttle_classes = []
    decoder: ClassVar[msgspec.json.Decoder[Any]]

    received: bytes | None = None  # the body, as soon as it is read

    def handle(self, request: Any, body: bytes) -> HttpResponse:
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        at, started = time.time(), time.perf_counter()
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[assignment]
        seconds = time.perf_counter() - started
        user = self.request.user
        caller = user.name if isinstance(user, AmazonCaller) else REFUSED
        body, is_cut = self._kept(request, response.status_code)
        is_replay = REPLAY_MARK in request.META
        status, content = response.status_code, response.content
        journal.record(Call(at, seconds, request.path, caller, body, is_cut, status, content, is_replay))
        return response

    def post(self, request: Request) -> HttpResponse:
        body = self.received = self._body(request)
        try:
            return self._handle_on_live_connection(parse(self.decoder, body), body)
        except (OperationalError, InterfaceError) as error:
            connection.close()
            raise TryAgain("the database cannot be reached just now") from error

    def _handle_on_live_connection(self, parsed: Shape, body: bytes) -> HttpResponse:
        """Asking before each call whether the connection still lives would cost a round trip: find out by failing."""
        try:
            return self.handle(parsed, body)
        except DatabaseError:
            if connection.connection is not None and connection.is_usable():
                raise
        connection.close()
        return self.handle(parsed, body)  # whatever the first try did, handling a call is idempotent

    def _body(self, request: Request) -> bytes:
        if request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != "application/json":
            raise WrongType("the Content-Type must be application/json")
        limit = settings.CONNECTOR_MAX_BODY_BYTES
        body = _read(request._request, limit + 1)
        if len(body) > limit:
            raise TooLarge(f"the body is larger than {limit} bytes")
        return body

    def _kept(self, request: HttpRequest, status: int) -> tuple[bytes, bool]:
        """The body for the journal, and whether that is only a part of it."""
        if self.received is not None:
            return self.received, False
        if status == TooLarge.status:
            return b"", True
        try:
            beginning = _read(request, _KEPT_UNREAD + 1)
        except Malformed:
            return b"", True
        return beginning[:_KEPT_UNREAD], len(beginning) > _KEPT_UNREAD

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        match exc:
            case Malformed():
                return answer(400, ErrorBody(str(exc)))
            case CallRefused():
                response = answer(exc.status, ErrorBody(str(exc)))
                if exc.retry_after is not None:
                    response["Retry-After"] = str(exc.retry_after)
                return response
            case APIException():
                return answer(exc.status_code, ErrorBody(str(exc.detail)))
            case _:
                return self._own_fault(exc)

    def _own_fault(self, error: Exception) -> HttpResponse:
        """500 in the contract's shape. The log says what happened, without what the body must not leave there."""
        got_request_exception.send(sender=type(self), request=self.request._request)
        story = "".join(traceback.format_exception(error))
        logger.error(
            "%s failed\n%s",
            mask_text(self.request.path),
            mask_text(story, secrets=redact(self.received or b"").secrets),
        )
        return answer(500, ErrorBody("the connector failed; its log says why"))


class UnknownRouteView(ConnectorView):
    """Every path under /v1/ and /v2/ that no other view has: 404 for who has a key."""

    schema = None

    def http_method_not_allowed(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        raise NotFound(
            f"this connector has no {request.path}: the configured base URL ends before the /v1 or /v2 of the paths "
            "that Amazon documents"
        )

    post = http_method_not_allowed


def answer(status: int, body: Any) -> HttpResponse:
    """A JSON answer from a msgspec struct."""
    response = HttpResponse(_encode(body), status=status, content_type="application/json")
    response._has_been_logged = True  # type: ignore[attr-defined]  # a refused call is no warning in our own log
    return response


def _read(request: HttpRequest, most: int) -> bytes:
    try:
        body: bytes = request.read(most)
    except (UnreadablePostError, RawPostDataException) as error:
        raise Malformed("the body could not be read") from error
    return body
