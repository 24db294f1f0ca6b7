"""The connector in the OpenAPI document: msgspec shapes as JSON schema, and the key."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import F, OpenApiResponse, extend_schema, extend_schema_view

from amazon.wire import ErrorBody

_REF = "#/shapes/{name}"
_OF_EVERY_CALL = {
    400: "Malformed; errorMsg names the field.",
    403: "No key of this connector.",
    413: "Too large.",
    415: "The Content-Type is not application/json.",
    500: "A fault of this connector.",
    503: "The database is away; try again.",
}
_OF_SOME = {
    401: "Not let in, or not allowed to be charged.",
    404: "What is asked for does not exist here.",
    429: "Too many calls; Retry-After says when to try again.",
}


def documented(
    operation: str, *, request: type, success: int, response: type, errors: Iterable[int] = ()
) -> Callable[[F], F]:
    """Describe a ConnectorView's POST by its shapes; `errors` are those of 401, 404 and 429 that it answers."""
    refusals = {
        status: OpenApiResponse({"application/json": _json_schema(ErrorBody)}, description=description)
        for status, description in sorted((_OF_EVERY_CALL | {status: _OF_SOME[status] for status in errors}).items())
    }
    post = extend_schema(
        operation_id=operation,
        tags=["connector"],
        request={"application/json": _json_schema(request)},
        responses={success: OpenApiResponse(_json_schema(response), description="Done."), **refusals},
    )
    return extend_schema_view(post=post)


class ConnectorKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "amazon.inbound.authentication.ConnectorKeyAuthentication"
    name = "connectorKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "x-api-key"}


def _json_schema(shape: type) -> dict[str, Any]:
    (schema,), shapes = msgspec.json.schema_components([shape], ref_template=_REF)
    inlined: dict[str, Any] = _inline(schema, shapes)
    return inlined


def _inline(value: Any, shapes: dict[str, Any]) -> Any:
    """Our shapes do not refer to themselves, so each can stand where it is used."""
    if isinstance(value, list):
        return [_inline(item, shapes) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _inline(shapes[value["$ref"].rsplit("/", 1)[1]], shapes)
    return {key: _inline(item, shapes) for key, item in value.items()}
