"""One signed call, from the door to the answer, in the order Amazon checks: signature, throttle, body, trip, state."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from sandbox import validation, wire
from sandbox.answers import Answer, ConnectionCutError, RejectedError, json_answer, rejection
from sandbox.engine import Engine
from sandbox.faults import FaultBook, suffer
from sandbox.magic_trips import Troublemaker
from sandbox.signature import Call, SignatureRefusedError, verify

logger = logging.getLogger(__name__)

OPERATIONS = {
    "/v1/adjust/charge": "adjust",
    "/v1/cancel/charge": "cancel",
    "/v1/capture/charge": "capture",
    "/v1/refund": "refund",
    "/v1/payment/transactional-data": "transactional-data",
}


class PaymentsHost:
    def __init__(self, engine: Engine, faults: FaultBook, secrets_by_key: Mapping[str, str]) -> None:
        self._faults = faults
        self._secrets_by_key = secrets_by_key
        self._troublemaker = Troublemaker()
        self._deeds: dict[str, tuple[Callable[[object], Any], Callable[[Any], dict[str, object] | None]]] = {
            "adjust": (validation.read_adjust, engine.adjust),
            "cancel": (validation.read_trip, engine.cancel),
            "capture": (validation.read_capture, engine.capture),
            "refund": (validation.read_refund, engine.refund),
            "transactional-data": (validation.read_trip, engine.transactional_data),
        }

    def answer(self, call: Call) -> Answer:
        """The target must be one of OPERATIONS. Raises ConnectionCutError when a fault leaves no answer."""
        operation = OPERATIONS[call.target]
        body = _decoded(call.body)
        trip_id = _named_trip(body)
        try:
            verify(call, self._secrets_by_key)
            fault = self._faults.next_for(operation, trip_id)
            answer = suffer(fault, lambda: self._trouble_or_deed(operation, trip_id, call.target, body))
        except SignatureRefusedError as refused:
            answer = refused.answer
        except ConnectionCutError:
            logger.info("%s %s cut", operation, trip_id or "-")
            raise
        logger.info("%s %s %s", operation, trip_id or "-", answer.status)
        return answer

    def _trouble_or_deed(self, operation: str, trip_id: str, path: str, body: object) -> Answer:
        trouble = self._troublemaker.answer(operation, trip_id, path)
        return trouble if trouble is not None else self._deed(operation, body)

    def _deed(self, operation: str, body: object) -> Answer:
        read, act = self._deeds[operation]
        try:
            content = act(read(body))
        except RejectedError as rejected:
            return rejection(rejected.error_name)
        # Cancel and capture only say that they have started: an empty 200 (Amazon: cancel_charge, capture_charge).
        return Answer(200) if content is None else json_answer(200, content)


def _decoded(body: bytes) -> object:
    """What is not JSON is told apart from a wrong object by nobody: both are BadRequestException."""
    try:
        return wire.decode(body)
    except ValueError:
        return None


def _named_trip(body: object) -> str:
    """For faults and the log, before anything is checked."""
    trip_id = body.get("shoppingTripId") if isinstance(body, dict) else None
    return trip_id[:255] if isinstance(trip_id, str) and trip_id.isprintable() else ""
