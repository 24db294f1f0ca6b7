"""A caller that signs with botocore and speaks through a real socket."""

import http.client
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

STORE = "VALID_STORE_ID"
PATHS = {
    "adjust": "/v1/adjust/charge",
    "cancel": "/v1/cancel/charge",
    "capture": "/v1/capture/charge",
    "refund": "/v1/refund",
    "transactional-data": "/v1/payment/transactional-data",
    "shopper-identity": "/v1/identity/shopper",
    "checkout": "/v1/checkout/carts",
    "feedback": "/v1/feedback/payment-status",
    "catalog-upload": "/v1/catalog/upload",
    "catalog-status": "/v1/catalog/getCatalogUploadStatus",
}


@dataclass
class Received:
    status: int
    text: str
    headers: http.client.HTTPMessage

    @property
    def content(self) -> Any:
        return json.loads(self.text)


@dataclass
class Caller:
    url: str
    access_key: str = "demo-access-key"
    secret_key: str = "demo-secret-key"
    token: str | None = None
    service: str = "execute-api"
    region: str = "us-east-1"
    host: str | None = None

    def call(self, operation: str, content: Any, *, timeout: float = 5) -> Received:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        path = PATHS[operation]
        return self.send("POST", path, body, self.signed_headers(path, body), timeout=timeout)

    def signed_headers(self, path: str, body: bytes, age: timedelta = timedelta()) -> dict[str, str]:
        host = self.host or urlsplit(self.url).netloc
        headers = {"Host": host, "Content-Type": "application/json"}
        request = AWSRequest("POST", f"http://{host}{path}", headers=headers, data=body)
        signer = SigV4Auth(Credentials(self.access_key, self.secret_key, self.token), self.service, self.region)
        if not age:
            signer.add_auth(request)
            return dict(request.headers.items())
        request.context["timestamp"] = (datetime.now(UTC) - age).strftime("%Y%m%dT%H%M%SZ")
        signer._modify_request_before_signing(request)
        text = signer.string_to_sign(request, signer.canonical_request(request))
        signer._inject_signature_to_request(request, signer.signature(text, request))
        return dict(request.headers.items())

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None, timeout: float = 5
    ) -> Received:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Received(answer.status, answer.read().decode(), answer.headers)
        finally:
            connection.close()

    def control(self, method: str, path: str, content: Any = None) -> Received:
        return self.send(method, path, b"" if content is None else json.dumps(content).encode())

    def stage(self, *trips: dict[str, Any]) -> Received:
        return self.control("POST", "/sandbox/trips", {"trips": list(trips)})

    def adjust(self, trip: str, amount: Any, code: str = "USD", **others: Any) -> Received:
        return self.call("adjust", trip_body(trip, amount, code) | others)

    def capture(self, trip: str, amount: Any, code: str = "USD", **others: Any) -> Received:
        return self.call("capture", trip_body(trip, amount, code) | others)

    def cancel(self, trip: str, **others: Any) -> Received:
        return self.call("cancel", trip_body(trip) | others)

    def refund(self, trip: str, amount: Any, key: str, code: str = "USD", **others: Any) -> Received:
        return self.call("refund", refund_body(trip, amount, key, code) | others)

    def data(self, trip: str) -> Received:
        return self.call("transactional-data", trip_body(trip))

    def check_out(self, cart: dict[str, Any]) -> Received:
        return self.call("checkout", cart)

    def report(self, trip: str, total: Any, settled: Any, code: str = "USD", **others: Any) -> Received:
        return self.call("feedback", feedback_body(trip, total, settled, code) | others)

    def move_clock(self, seconds: float) -> None:
        assert self.control("POST", "/sandbox/clock", {"offset_seconds": seconds}).status == 200

    def books(self, trip: str) -> Any:
        return self.control("GET", f"/books/{trip}").content


def trip_body(trip: str, amount: Any = None, code: str = "USD") -> dict[str, Any]:
    body: dict[str, Any] = {"storeId": STORE, "shoppingTripId": trip}
    return body if amount is None else body | {"amount": {"amount": amount, "code": code}}


def refund_body(trip: str, amount: Any, key: str, code: str = "USD") -> dict[str, Any]:
    return trip_body(trip, amount, code) | {"refundRequestId": key, "refundReasonCode": "DAMAGED_ITEM"}


def feedback_body(trip: str, total: Any, settled: Any, code: str = "USD") -> dict[str, Any]:
    return trip_body(trip) | {
        "totalAmount": {"amount": total, "code": code},
        "settledAmount": {"amount": settled, "code": code},
        "paymentStatusTime": 1770342660000,
    }


def staged_trip(trip: str, **others: Any) -> dict[str, Any]:
    plain = {"shoppingTripId": trip, "storeId": STORE, "preauthorized": {"amount": "50.00", "code": "USD"}}
    return plain | others
