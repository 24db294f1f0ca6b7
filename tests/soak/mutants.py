"""Bugs that are planted in the processes of a soak, as its negative control. SOAK_MUTANTS names them.

The Celery application and the RSGI application of production, with the bugs in them.
"""

import os
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any
from uuid import uuid4

from jwo_backoffice.celery import app
from jwo_backoffice.rsgi import application
from orders.services import intake
from payments.clients import payment_service as client
from payments.models import Charge
from payments.services import refunds
from payments.services.flows import payment_service
from payments.services.flows.payment_service import Step

__all__ = ["app", "application"]

ONE_CART_IN = 20


def deaf() -> None:
    """After a capture without an answer Amazon is asked, and not listened to."""

    def do_not_listen(charge: Charge, answer: object) -> None:
        charge.put_capture_off()

    payment_service._SUCCESS[Step.LOOK_UP] = do_not_listen


def new_ids() -> None:
    """Each try of a refund has an id of its own."""

    class Client:
        @staticmethod
        def refund(*arguments: Any, refund_request_id: object, **more: Any) -> Any:
            return client.refund(*arguments, refund_request_id=uuid4(), **more)

    refunds.payment_service = Client


def forgetful() -> None:
    """Some carts are acknowledged and not stored."""
    insert_all, numbers = intake._insert_all, count(1)

    def insert_some(carts: Sequence[intake.Arrived]) -> list[intake.Stored | None]:
        return [
            insert_all([cart])[0] if number % ONE_CART_IN else intake.Stored(10**9 + number, cart.item_count, None)
            for cart, number in zip(carts, numbers, strict=False)
        ]

    intake._insert_all = insert_some


MUTANTS: dict[str, Callable[[], None]] = {"deaf": deaf, "new_ids": new_ids, "forgetful": forgetful}

for name in os.environ["SOAK_MUTANTS"].split(","):
    MUTANTS[name]()
