"""What goes back over the wire, and the ways in which nothing does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from sandbox import wire

BAD_REQUEST = "BadRequestException"
UNKNOWN_TRIP = "UnknownShoppingTrip"
EXPIRED_TRIP = "ShoppingTripExpiredException"

# The checkout host's own names. Of the last two only a part was seen (Amazon: payment_processing,
# checkout_service_testing); the rest is our reading.
UNKNOWN_TRIP_AT_CHECKOUT = "UnknownShoppingTripException"
CART_CONTENT = "CartContentValidationFailedException"
ORDER_TOTAL = "CartOrderTotalInvalidException"

NOT_AUTHORIZED = (
    "User: arn:aws:sts::************:assumed-role/retailer/{user} is not authorized to perform: execute-api:Invoke"
    " on resource: arn:aws:execute-api:{region}:************:sandbox/prod/POST{path}"
    " because no resource-based policy allows the execute-api:Invoke action"
)


class RejectedError(Exception):
    """A documented 400 (Amazon: cancel_charge, errors; the other hosts are taken to answer in the same shape)."""

    def __init__(self, error_name: str) -> None:
        super().__init__(error_name)
        self.error_name = error_name


class ConnectionCutError(Exception):
    """The caller gets no answer at all: the socket is closed."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(status: int, content: object) -> Answer:
    return Answer(status, wire.encode(content))


def rejection(error_name: str) -> Answer:
    return json_answer(400, {"errorMsg": error_name})


def missing_token() -> Answer:
    """API Gateway says this of an unsigned call and of a path it does not have."""
    return json_answer(403, {"message": "Missing Authentication Token"})


def not_authorized(user: str, region: str, path: str) -> Answer:
    """API Gateway's own body: capital M, and no errorMsg (Amazon: catalog_faq, the causes of a 403)."""
    return json_answer(403, {"Message": NOT_AUTHORIZED.format(user=user, region=region, path=path)})


def failure(status: int, retry_after: str | None = None) -> Answer:
    """A refusal that has nothing to do with the trip. Amazon prints no errorMsg for these, so HTTP's own words."""
    name = BAD_REQUEST if status == HTTPStatus.BAD_REQUEST else _reason(status)
    headers = {"Retry-After": retry_after} if retry_after is not None else {}
    return Answer(status, wire.encode({"errorMsg": name}), headers=headers)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
