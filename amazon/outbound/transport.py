"""One way out to Amazon: signed, with time-outs, without redirects, each attempt journalled by the caller."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from threading import local
from typing import Any

import msgspec
import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

from amazon.inbound.redaction import mask_text, redact
from amazon.models import OutboundCall
from amazon.outbound import pauses
from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown, Refused, TripExpired, UnknownTrip
from amazon.outbound.signing import NoCredentials, signer

# However long Amazon asks us to wait, we look again within this many seconds.
LONGEST_RETRY_AFTER = 3600.0
KEPT_ANSWER_CHARACTERS = 4000

# Legal in JSON, but no text or jsonb column of PostgreSQL takes it.
_NUL = rb"\u0000"

# What API Gateway says of a signature whose time is minutes away from its own.
_WRONG_CLOCK = ("Signature expired", "Signature not yet current")

_of_this_thread = local()
_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class Address:
    """Who calls, for which trip, and where."""

    base_url: str
    region: str
    store_external_id: str
    amazon_trip_id: str


class Failure(Exception):
    """Carries the AmazonError and the journal row of the attempt to the caller."""

    def __init__(self, error: AmazonError, call: OutboundCall) -> None:
        super().__init__(str(error))
        self.error = error
        self.call = call


def send(address: Address, operation: str, path: str, payload: dict[str, Any]) -> tuple[bytes, OutboundCall]:
    """POST the payload. Returns the body of a 2xx answer and the unsaved journal row; else raises Failure.

    The caller saves the row together with what the answer changes. Personal data stand in the body alone, not in the
    row.
    """
    body = _encode(payload)
    call = OutboundCall(
        operation=operation,
        url=address.base_url + path,
        store_external_id=address.store_external_id,
        amazon_trip_id=address.amazon_trip_id,
        request=body.decode(),
        at=datetime.now(UTC),
        duration_ms=0,
    )
    started = time.monotonic()
    try:
        response = _post(address, call.url, body)
    except NoCredentials as error:
        raise _failure(NotSent(str(error)), call, started) from error
    except requests.RequestException as error:
        pauses.failed(address.base_url)
        raise _failure(_without_answer(error), call, started) from error
    _remember(address.base_url, response)
    call.duration_ms = int((time.monotonic() - started) * 1000)
    call.status = response.status_code
    call.amazon_request_id = response.headers.get("x-amzn-RequestId", "")[:100]
    call.answer = redact(response.content).text[:KEPT_ANSWER_CHARACTERS]
    if 200 <= response.status_code < 300:
        if not {"Content-Length", "Transfer-Encoding"} & {name.title() for name in response.headers}:
            # Nothing says where the answer ends, so a connection that was cut in the headers looks like an empty 200.
            raise unreadable(call)
        return response.content.replace(_NUL, b""), call
    refusal = _refusal(response)
    call.error = str(refusal)
    raise Failure(refusal, call)


def unreadable(call: OutboundCall) -> Failure:
    """A 2xx whose body is not what the contract says: Amazon has probably acted, so the outcome is unknown."""
    call.error = "The answer is not what the contract says."
    return Failure(OutcomeUnknown(call.error), call)


def never_connected(error: requests.RequestException) -> bool:
    """Whether no connection came about at all, so that nothing can have been sent."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return type(reason).__name__ in {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"}


def _post(address: Address, url: str, body: bytes) -> requests.Response:
    """What a session of requests does for each call besides this costs as much as the call: it reads the environment,
    merges, keeps cookies and follows redirects."""
    request = requests.PreparedRequest()
    headers = {"Content-Type": "application/json"}
    request.prepare(method="POST", url=url, headers=headers, data=body, auth=signer(address.region))
    timeout = (settings.AMAZON_CONNECT_TIMEOUT, settings.AMAZON_READ_TIMEOUT)
    response = _adapter().send(request, timeout=timeout, **_way_to(address.base_url))
    _ = response.content  # is read here, where it may fail
    return response


def _adapter() -> HTTPAdapter:
    adapter: HTTPAdapter | None = getattr(_of_this_thread, "adapter", None)
    if adapter is None:
        adapter = _of_this_thread.adapter = HTTPAdapter()
    return adapter


@cache
def _way_to(base_url: str) -> dict[str, Any]:
    """Proxies and certificates, as the environment names them."""
    return dict(requests.Session().merge_environment_settings(base_url, {}, False, None, None))


def _remember(host: str, response: requests.Response) -> None:
    if response.status_code == 429:
        pauses.asked_for(host, _retry_after(response))
    elif response.status_code >= 500:
        pauses.failed(host)
    else:
        pauses.answered(host)


def _failure(error: AmazonError, call: OutboundCall, started: float) -> Failure:
    call.duration_ms = int((time.monotonic() - started) * 1000)
    call.error = str(error)
    return Failure(error, call)


def _without_answer(error: requests.RequestException) -> AmazonError:
    """What it means that no answer could be read: was anything sent?"""
    match error:
        case requests.ConnectTimeout():
            return NotSent("Amazon could not be reached: the connection timed out.")
        case requests.ConnectionError() if never_connected(error):
            return NotSent("Amazon could not be reached: no connection.")
        case requests.ConnectionError():
            return OutcomeUnknown("The connection was cut before an answer came.")
        case requests.Timeout():
            return OutcomeUnknown("No answer came in time.")
        case _:
            return OutcomeUnknown(f"The answer could not be read: {error}")


def _refusal(response: requests.Response) -> AmazonError:
    """What Amazon's status and body stand for. Amazon: cancel_charge, payment_processing, checkout_service."""
    status, name = response.status_code, _error_name(response)
    said = f"Amazon answered {status}" + (f" {name}." if name else ".")
    if "ShoppingTripExpired" in name:
        return TripExpired(said)
    if name.startswith("UnknownShoppingTrip"):
        return UnknownTrip(said)
    if status == 429:
        return NotSent(said, retry_after=_retry_after(response))
    if status >= 500 or status < 400:
        return OutcomeUnknown(said)
    if status == 403 and name.startswith(_WRONG_CLOCK):
        return NotSent(f"{said} Is the clock of this machine right?")
    return Refused(said)


def _error_name(response: requests.Response) -> str:
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return ""
    if not isinstance(body, dict):
        return ""
    name = body.get("errorMsg") or body.get("message") or body.get("Message") or ""
    # Neither a zero nor half a character can be written down.
    return mask_text(str(name))[:300].replace("\x00", "").encode(errors="ignore").decode()


def _retry_after(response: requests.Response) -> float | None:
    """Seconds to wait: the header may hold a number or a date; what names no time ahead means our own back-off."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        seconds = float(value[:9])
    else:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(seconds, LONGEST_RETRY_AFTER) if seconds > 0 else None
