"""The retailer's decision at the gate, stored with its reasons; the same call again gets the same answer.

What cannot be read in time, for whatever reason, is answered by the store's fallback; what cannot be stored in time is
answered as decided. Reading and storing may take half of AUTHORIZATION_SECONDS each.
Amazon: fraud_abuse_api, credit_card_fully_delegated_test_plan 7a.
"""

import logging
from collections.abc import Callable

from django.db import Error, connection

from amazon.inbound.errors import NotFound
from payments.authorization import Advice, Decision, Rules, Shopper, decide
from payments.authorization_wire import GetShopperAuthorizationRequest
from payments.models import Fallback
from payments.services.gate_records import Authorization, answer_of, in_time, read, store

logger = logging.getLogger(__name__)

_AT_A_LOSS = {True: "everybody is let in", False: "nobody is let in"}

# Each store's fallback as this process last read it: for when it cannot be read.
_fallbacks: dict[str, Fallback] = {}


class _NotStored(Exception):
    """The rules have decided, and the row could not be written in time."""

    def __init__(self, decision: Decision) -> None:
        super().__init__()
        self.decision = decision


def authorize_shopper(request: GetShopperAuthorizationRequest) -> Authorization:
    """Raises Malformed for an unknown store, and NotFound for one without gate rules."""
    try:
        return _on_live_connection(lambda: _by_the_rules(request))
    except _NotStored as unstored:
        logger.error("a decision at the gate of store %s could not be stored", request.store_id)
        return answer_of(unstored.decision)
    except Error as error:
        return _fall_back(request, error)


def _by_the_rules(request: GetShopperAuthorizationRequest) -> Authorization:
    with in_time():
        known = read(request)
        _remember(request.store_id, known.fallback)
        if known.answered:
            return known.answered
        if known.rules is None:
            raise NotFound(f"store “{request.store_id}” has no gate rules: add them in the admin")
        decision = _decide(request, known.rules, known.shopper)
        try:
            return store(request, decision)
        except Error as error:
            raise _NotStored(decision) from error


def _decide(request: GetShopperAuthorizationRequest, rules: Rules, shopper: Shopper) -> Decision:
    advice = request.recommendation
    return decide(
        rules,
        shopper,
        advice=Advice(advice.shopper_authorized, advice.adjust_to, tuple(dict.fromkeys(advice.shopper_risks or ()))),
        held=request.authorized_amount.money if request.authorized_amount else None,
        in_cart=request.in_cart.money if request.in_cart else None,
    )


def _remember(store_id: str, fallback: Fallback | None) -> None:
    if fallback is None:
        _fallbacks.pop(store_id, None)
    else:
        _fallbacks[store_id] = fallback


def _on_live_connection(work: Callable[[], Authorization]) -> Authorization:
    """A connection that has died since the last call says nothing about the database: try a new one."""
    was_open = connection.connection is not None
    try:
        return work()
    except Error:
        if not was_open or (connection.connection is not None and connection.is_usable()):
            raise
    connection.close()
    return work()


def _fall_back(request: GetShopperAuthorizationRequest, error: Error) -> Authorization:
    """The store's fallback as last known, and nobody where it is not known."""
    fallback = _fallbacks.get(request.store_id)
    which = "a store not asked about since this process began" if fallback is None else f"store {request.store_id}"
    is_authorized = fallback == Fallback.ACCEPT
    logger.error("gate rules of %s not read (%s): %s", which, type(error).__name__, _AT_A_LOSS[is_authorized])
    reason = f"The rules could not be read in time; until they can, {_AT_A_LOSS[is_authorized]} here."
    decision = Decision(is_authorized, (reason,))
    try:
        with in_time():
            return store(request, decision, is_fallback=True)
    except Error as error:
        logger.error("this decision could not be stored (%s)", type(error).__name__)
        return answer_of(decision)
