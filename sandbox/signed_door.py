"""One signed call, from the door to the answer, in the order Amazon checks: signature, throttle, body, trip, state.

All hosts stand behind the same door: no two of them have a path in common.
"""

import logging
from collections.abc import Mapping

from sandbox import wire
from sandbox.answers import Answer, ConnectionCutError, RejectedError, rejection
from sandbox.faults import FaultBook, suffer
from sandbox.magic_trips import Troublemaker
from sandbox.operations import Operation
from sandbox.rate_limits import RateLimits
from sandbox.signature import Call, SignatureRefusedError, verify

logger = logging.getLogger(__name__)

TRIP_NAMES = ("shoppingTripId", "idempotentShoppingTripId")


class SignedDoor:
    def __init__(
        self,
        operations_by_path: Mapping[str, Operation],
        faults: FaultBook,
        limits: RateLimits,
        secrets_by_key: Mapping[str, str],
    ) -> None:
        self._operations_by_path = operations_by_path
        self._faults = faults
        self._limits = limits
        self._secrets_by_key = secrets_by_key
        self._troublemaker = Troublemaker()

    def leads_to(self, path: str) -> bool:
        return path in self._operations_by_path

    def answer(self, call: Call) -> Answer:
        """The target must be a path the door leads to. Raises ConnectionCutError when a fault leaves no answer."""
        operation = self._operations_by_path[call.target]
        body = _decoded(call.body)
        trip_id = _named_trip(body)
        try:
            verify(call, self._secrets_by_key)
            answer = self._limits.refusal(operation.name)
            if answer is None:
                fault = self._faults.next_for(operation.name, trip_id)
                answer = suffer(fault, lambda: self._trouble_or_deed(operation, trip_id, call.target, body))
        except SignatureRefusedError as refused:
            answer = refused.answer
        except ConnectionCutError:
            logger.info("%s %s cut", operation.name, trip_id or "-")
            raise
        logger.info("%s %s %s", operation.name, trip_id or "-", answer.status)
        return answer

    def _trouble_or_deed(self, operation: Operation, trip_id: str, path: str, body: object) -> Answer:
        trouble = self._troublemaker.answer(operation.name, trip_id, path)
        if trouble is not None:
            return trouble
        try:
            return operation.deed(body)
        except RejectedError as rejected:
            return rejection(rejected.error_name)


def _decoded(body: bytes) -> object:
    """What is not JSON is told apart from a wrong object by nobody: both are BadRequestException."""
    try:
        return wire.decode(body)
    except ValueError:
        return None


def _named_trip(body: object) -> str:
    """For faults and the log, before anything is checked."""
    fields = body if isinstance(body, dict) else {}
    trip_id = next((fields[name] for name in TRIP_NAMES if name in fields), None)
    return trip_id[:255] if isinstance(trip_id, str) and trip_id.isprintable() else ""
