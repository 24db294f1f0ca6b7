"""A small Stripe: payment intents and refunds as its documents describe them, with its keys, its lists and its books.

It stands in for localstripe, which knows neither Idempotency-Key nor lists by customer. Stripe: api/payment_intents,
api/refunds, api/errors, api/idempotent_requests, testing.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

API_KEY = "sk_test_of_ours"
CUSTOMERS = {"cus_ada", "cus_bo"}
# Payment methods and how a payment with them ends.
METHODS = {
    "pm_card_visa": "",
    "pm_card_chargeDeclinedInsufficientFunds": "card_declined",
    "pm_card_authenticationRequired": "authentication_required",
}
MESSAGES = {
    "card_declined": "Your card has insufficient funds.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}
KNOWN = {
    "payment_intents": {
        *("amount", "currency", "customer", "payment_method", "payment_method_types", "confirm", "off_session"),
        *("error_on_requires_action", "description", "metadata"),
    },
    "refunds": {"payment_intent", "amount", "metadata"},
}


class Refusal(Exception):
    def __init__(self, status: int, kind: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "message": message, **more}


@dataclass
class FakeStripe:
    """`faults` are used up one by one by the next calls: `lose_answer`, `lose_request`, `slow`, a status, or what is to
    be said instead, as `say <html>`."""

    url: str = ""
    faults: list[str | int] = field(default_factory=list)
    slow_seconds: float = 0.0
    payments: list[dict[str, Any]] = field(default_factory=list)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    keys: dict[str, tuple[dict[str, Any], int, dict[str, Any]]] = field(default_factory=dict)

    def reset(self) -> None:
        for kept in (self.faults, self.payments, self.refunds, self.calls, self.keys):
            kept.clear()

    @property
    def taken(self) -> int:
        """In the smallest unit, less what was given back."""
        succeeded = (row["amount"] for row in self.payments if row["status"] == "succeeded")
        return sum(succeeded) - sum(row["amount"] for row in self.refunds)

    def forget_keys(self) -> None:
        """A day has passed."""
        self.keys.clear()

    def answer(self, method: str, kind: str, params: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        if method == "GET":
            return self._guarded(self._list, kind, params)
        if not key:
            return self._guarded(self._create, kind, params)
        if key in self.keys:
            seen, status, body = self.keys[key]
            if seen == params:
                return status, body
            return 400, {"error": {"type": "idempotency_error", "message": "Keys can only be used with the same …"}}
        status, body = self._guarded(self._create, kind, params)
        self.keys[key] = (params, status, body)
        return status, body

    def _guarded(self, act: Any, *arguments: Any) -> tuple[int, dict[str, Any]]:
        try:
            return 200, act(*arguments)
        except Refusal as refusal:
            return refusal.status, {"error": refusal.error}

    def _create(self, kind: str, params: dict[str, Any]) -> dict[str, Any]:
        if unknown := set(params) - KNOWN[kind]:
            raise Refusal(400, "invalid_request_error", f"Received unknown parameter: {unknown.pop()}")
        if not params["amount"].isdecimal() or int(params["amount"]) < 1:
            raise Refusal(400, "invalid_request_error", "Invalid positive integer")
        return self._pay(params) if kind == "payment_intents" else self._give_back(params)

    def _pay(self, params: dict[str, Any]) -> dict[str, Any]:
        for name, known in (("customer", CUSTOMERS), ("payment_method", METHODS)):
            if params[name] not in known:
                raise Refusal(400, "invalid_request_error", f"No such {name}: {params[name]}", code="resource_missing")
        assert (params["confirm"], params["off_session"]) == ("true", "true")
        assert params["currency"].islower()
        code, number = METHODS[params["payment_method"]], len(self.payments)
        amount = int(params["amount"])
        payment = {
            "id": f"pi_{number}",
            "object": "payment_intent",
            "client_secret": f"pi_{number}_secret_of_stripe",
            "amount": amount,
            "amount_received": 0 if code else amount,
            "currency": params["currency"],
            "customer": params["customer"],
            "metadata": params["metadata"],
            "status": "requires_payment_method" if code else "succeeded",
            "last_payment_error": {"code": code, "message": MESSAGES[code]} if code else None,
        }
        self.payments.append(payment)
        if code:
            raise Refusal(402, "card_error", MESSAGES[code], code=code, payment_intent=payment)
        return payment

    def _give_back(self, params: dict[str, Any]) -> dict[str, Any]:
        paid = next((row for row in self.payments if row["id"] == params["payment_intent"]), None)
        if paid is None:
            raise Refusal(404, "invalid_request_error", "No such payment_intent", code="resource_missing")
        before = sum(row["amount"] for row in self.refunds if row["payment_intent"] == paid["id"])
        amount = int(params["amount"])
        if before + amount > paid["amount_received"]:
            raise Refusal(400, "invalid_request_error", "Refund amount is greater than unrefunded amount on charge")
        refund = {
            "id": f"re_{len(self.refunds)}",
            "object": "refund",
            "amount": amount,
            "currency": paid["currency"],
            "payment_intent": paid["id"],
            "metadata": params["metadata"],
            "status": "succeeded",
        }
        self.refunds.append(refund)
        return refund

    def _list(self, kind: str, params: dict[str, Any]) -> dict[str, Any]:
        rows = list(reversed(self.payments if kind == "payment_intents" else self.refunds))
        owner = "customer" if kind == "payment_intents" else "payment_intent"
        rows = [row for row in rows if row[owner] == params[owner]]
        ids = [row["id"] for row in rows]
        start = ids.index(params["starting_after"]) + 1 if "starting_after" in params else 0
        end = start + min(int(params["limit"]), 3)  # smaller pages than Stripe's
        return {"object": "list", "data": rows[start:end], "has_more": end < len(rows)}


class _Handler(BaseHTTPRequestHandler):
    host: FakeStripe
    lock = Lock()

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self) -> None:
        self._handle(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._handle(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def _handle(self, encoded: str) -> None:
        kind = urlsplit(self.path).path.removeprefix("/v1/")
        with self.lock:
            self.host.calls.append((self.command, kind))
            fault = self.host.faults.pop(0) if self.host.faults else ""
        if fault == "lose_request":
            self.close_connection = True
        elif isinstance(fault, int):
            self._say(fault, {"error": {"type": "api_error", "message": "Sorry."}})
        elif self.headers["Authorization"] != f"Bearer {API_KEY}":
            self._say(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key"}})
        else:
            self._act(kind, unflattened(encoded), fault)

    def _act(self, kind: str, params: dict[str, Any], fault: str) -> None:
        with self.lock:
            status, body = self.host.answer(self.command, kind, params, self.headers.get("Idempotency-Key", ""))
        if fault == "slow":
            time.sleep(self.host.slow_seconds)
        if fault == "lose_answer":
            self.close_connection = True
        else:
            self._say(status, body, said=fault.removeprefix("say "))

    def _say(self, status: int, body: dict[str, Any], *, said: str = "") -> None:
        content = said.encode() if said.startswith(("{", "[", "<")) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None: ...

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (BrokenPipeError, ConnectionResetError):  # whoever called has given up
            self.close_connection = True


@contextmanager
def fake_stripe() -> Iterator[FakeStripe]:
    host = FakeStripe()
    handler = type("Handler", (_Handler,), {"host": host})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        host.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield host
        server.shutdown()


def unflattened(encoded: str) -> dict[str, Any]:
    """`metadata[key]=x&types[0]=card` as {"metadata": {"key": "x"}, "types": {"0": "card"}}."""
    params: dict[str, Any] = {}
    for name, value in parse_qsl(encoded):
        outer, _, inner = name.partition("[")
        if inner:
            params.setdefault(outer, {})[inner.removesuffix("]")] = value
        else:
            params[name] = value
    return params
