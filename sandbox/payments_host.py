"""Amazon's payments host. Cancel and capture only say that they have started: an empty 200 (Amazon: cancel_charge)."""

from sandbox.answers import Answer, json_answer
from sandbox.charge_engine import ChargeEngine
from sandbox.charge_requests import read_adjust, read_capture, read_refund
from sandbox.kiosk import Kiosk, read_shopper
from sandbox.operations import Operation
from sandbox.validation import read_trip


def payments_host(engine: ChargeEngine, kiosk: Kiosk) -> dict[str, Operation]:
    def adjust(body: object) -> Answer:
        return json_answer(200, engine.adjust(read_adjust(body)))

    def cancel(body: object) -> Answer:
        engine.cancel(read_trip(body))
        return Answer(200)

    def capture(body: object) -> Answer:
        engine.capture(read_capture(body))
        return Answer(200)

    def refund(body: object) -> Answer:
        return json_answer(200, engine.refund(read_refund(body)))

    def transactional_data(body: object) -> Answer:
        return json_answer(200, engine.transactional_data(read_trip(body)))

    def shopper_identity(body: object) -> Answer:
        return json_answer(200, kiosk.identity(read_shopper(body)))

    return {
        "/v1/adjust/charge": Operation("adjust", adjust),
        "/v1/cancel/charge": Operation("cancel", cancel),
        "/v1/capture/charge": Operation("capture", capture),
        "/v1/refund": Operation("refund", refund),
        "/v1/payment/transactional-data": Operation("transactional-data", transactional_data),
        "/v1/identity/shopper": Operation("shopper-identity", shopper_identity),
    }
