"""Amazon's checkout host, in the US regions (Amazon: checkout_service)."""

from sandbox.answers import Answer, json_answer
from sandbox.checkout_engine import CheckoutEngine
from sandbox.checkout_requests import read_cart
from sandbox.operations import Operation


def checkout_host(engine: CheckoutEngine) -> dict[str, Operation]:
    def check_out(body: object) -> Answer:
        return json_answer(201, engine.check_out(read_cart(body)))

    return {"/v1/checkout/carts": Operation("checkout", check_out)}
