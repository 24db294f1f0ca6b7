"""Amazon's fraud and abuse feedback host (Amazon: fraud_abuse_feedback_api)."""

from sandbox.answers import Answer, json_answer
from sandbox.feedback_engine import FeedbackEngine
from sandbox.feedback_requests import read_feedback
from sandbox.operations import Operation


def feedback_host(engine: FeedbackEngine) -> dict[str, Operation]:
    def report_payment_status(body: object) -> Answer:
        return json_answer(200, engine.report(read_feedback(body)))

    return {"/v1/feedback/payment-status": Operation("feedback", report_payment_status)}
