"""The frame of the retailer's own API: JSON without floats, one error shape."""

import json
from decimal import Decimal
from typing import IO, Any

from django.db import InterfaceError, OperationalError, connection
from django.http import Http404
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.errors import Conflict, DomainError, Invalid


class DecimalJSONParser(JSONParser):
    """JSON whose numbers are Decimals and whose constants are refused."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return json.loads(stream.read(), parse_float=Decimal, parse_constant=_refuse)
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise ParseError(f"The body is not JSON: {error}") from error


def answer_exception(exception: Exception, context: dict[str, Any]) -> Response | None:
    """A service's refusal in words: 400 for a request that makes no sense, 409 for one that comes at the wrong time.

    503 while the database is away: nothing is known to have been done, and the same request may come again.
    """
    if isinstance(exception, DomainError):
        status = {Invalid: 400, Conflict: 409}[type(exception)]
        body = {"detail": exception.message}
        if exception.field:
            body["field"] = exception.field
        return Response(body, status=status)
    if isinstance(exception, OperationalError | InterfaceError):
        connection.close()
        return Response(
            {"detail": "The database cannot be reached just now."}, status=503, headers={"Retry-After": "1"}
        )
    if isinstance(exception, Http404):  # its own words name classes of ours
        exception = NotFound("There is nothing by this id that you may see.")
    return exception_handler(exception, context)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")
