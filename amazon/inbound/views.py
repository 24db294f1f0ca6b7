"""The frame of every endpoint that Amazon calls: who calls, how large, which type, which shape, and one error body."""

from typing import Any, ClassVar

import msgspec
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError
from rest_framework.exceptions import APIException
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from amazon.inbound.authentication import ConnectorKeyAuthentication
from amazon.wire import ErrorBody, Malformed, Shape, parse

_encode = msgspec.json.Encoder().encode


class TooLarge(APIException):
    status_code = 413


class WrongType(APIException):
    status_code = 415


class TryAgain(APIException):
    status_code = 503


class OnlyJson(BaseContentNegotiation):
    """Amazon speaks JSON whatever its Accept header says."""

    def select_parser(self, request: Request, parsers: Any) -> None:
        return None

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> tuple[Any, str]:
        return JSONRenderer(), "application/json"


class ConnectorPermission(BasePermission):
    """Nothing beyond the key: the authentication class has refused everybody else."""


class ConnectorView(APIView):
    """A POST whose body is `request_shape`. Subclasses name it and answer in `handle`."""

    authentication_classes = [ConnectorKeyAuthentication]
    permission_classes = [ConnectorPermission]
    content_negotiation_class = OnlyJson
    parser_classes = []
    throttle_classes = []
    decoder: ClassVar[msgspec.json.Decoder[Any]]

    def handle(self, request: Any, body: bytes) -> HttpResponse:
        raise NotImplementedError

    def post(self, request: Request) -> HttpResponse:
        body = self._body(request)
        try:
            return self._handle_on_live_connection(parse(self.decoder, body), body)
        except Malformed as error:
            return answer(400, ErrorBody(str(error)))
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
        try:
            body: bytes = request._request.read(limit + 1)
        except (UnreadablePostError, RawPostDataException) as error:
            raise Malformed("the body could not be read") from error
        if len(body) > limit:
            raise TooLarge(f"the body is larger than {limit} bytes")
        return body

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        if not isinstance(exc, APIException):
            raise exc
        response = answer(exc.status_code, ErrorBody(str(exc.detail)))
        if isinstance(exc, TryAgain):
            response["Retry-After"] = "1"
        return response


def answer(status: int, body: Any) -> HttpResponse:
    """A JSON answer from a msgspec struct."""
    response = HttpResponse(_encode(body), status=status, content_type="application/json")
    response._has_been_logged = True  # type: ignore[attr-defined]  # a refused call is no warning in our own log
    return response
