"""The way to Stripe: its own package, with our time-outs, without its retries, each call journalled.

Of what is sent, no secret is journalled; of the answer, only what tells the outcome.
"""

import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import requests
import stripe
from django.conf import settings

from amazon.models import OutboundCall
from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown, Refused
from amazon.outbound.transport import KEPT_ANSWER_CHARACTERS, never_connected
from payments.processors.processor import Order, RefundOrder

_EXPECTED = {"status", "data"}
_KEPT = ("id", "status", "amount", "currency", "amount_received")

# It would tell Stripe how long each call took.
stripe.enable_telemetry = False


def create(order: Order | RefundOrder, kind: str, params: dict[str, Any], *, key: str) -> dict[str, Any]:
    """POST /v1/{kind}. Raises stripe.CardError for a card that declines, else an AmazonError."""
    return _send(order, "post", kind, params, idempotency_key=key)


def read(order: Order | RefundOrder, kind: str, params: dict[str, Any]) -> dict[str, Any]:
    """GET /v1/{kind}: one page of a list. Raises an AmazonError."""
    return _send(order, "get", kind, params)


def _send(order: Order | RefundOrder, method: str, kind: str, params: dict[str, Any], **options: str) -> dict[str, Any]:
    if not settings.STRIPE_API_KEY:
        raise NotSent("Stripe cannot be called: STRIPE_API_KEY is not set.")
    path = f"/v1/{kind}"
    client = _client(settings.STRIPE_API_KEY, settings.STRIPE_API_URL, *_time_outs())
    call = OutboundCall(
        operation=f"Stripe: {method.upper()} {kind}",
        url=settings.STRIPE_API_URL + path,
        store_external_id=order.store.external_id,
        amazon_trip_id=order.amazon_trip_id,
        request=json.dumps(params),
    )
    return _journalled(call, lambda: client.raw_request(method, path, **params, **options))


def _journalled(call: OutboundCall, send: Callable[[], Any]) -> dict[str, Any]:
    started = time.monotonic()
    try:
        response = send()
        call.status, answer = response.code, json.loads(response.body)
        if not isinstance(answer, dict) or not answer.keys() & _EXPECTED:
            call.error = "The answer is not what Stripe documents."
            raise OutcomeUnknown(call.error)
        call.answer = _kept_text(answer)
    except stripe.StripeError as error:
        call.status, call.answer = error.http_status, _kept_text(error.json_body)
        call.error = str(_meaning(error))
        if isinstance(error, stripe.CardError):
            raise
        raise _meaning(error) from error
    finally:
        call.duration_ms = int((time.monotonic() - started) * 1000)
        call.save()
    return answer


def _kept_text(answer: object) -> str:
    return json.dumps(_kept(answer))[:KEPT_ANSWER_CHARACTERS] if isinstance(answer, dict) else ""


def _kept(answer: dict[str, Any]) -> Any:
    if isinstance(answer.get("error"), dict):
        return {name: answer["error"].get(name) for name in ("type", "code", "decline_code", "message")}
    if "data" in answer:
        return [_kept(row) for row in answer["data"]]
    return {name: answer[name] for name in _KEPT if name in answer}


def _meaning(error: stripe.StripeError) -> AmazonError:
    """What the caller may do next. Stripe: api/errors."""
    said = f"Stripe answered {error.http_status}: {error.user_message}"
    match error:
        case stripe.APIConnectionError():
            cause = error.__cause__
            if isinstance(cause, requests.RequestException) and never_connected(cause):
                return NotSent("Stripe could not be reached.")
            return OutcomeUnknown("No answer came from Stripe in time.")
        case stripe.RateLimitError():
            return NotSent(said)
        case (
            stripe.AuthenticationError() | stripe.PermissionError() | stripe.InvalidRequestError() | stripe.CardError()
        ):
            return Refused(said)
        case _:
            # 409 and IdempotencyError too: an earlier call with this key is under way, or differed.
            return OutcomeUnknown(said)


def _time_outs() -> tuple[float, float]:
    return settings.AMAZON_CONNECT_TIMEOUT, settings.AMAZON_READ_TIMEOUT


@cache
def _client(api_key: str, url: str, connect: float, read: float) -> stripe.StripeClient:
    """Kept, because it keeps a session with its connections for each thread."""
    http_client = stripe.RequestsClient(timeout=(connect, read))
    return stripe.StripeClient(api_key, base_addresses={"api": url}, http_client=http_client, max_network_retries=0)
