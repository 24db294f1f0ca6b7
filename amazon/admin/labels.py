"""How the outcome of a call of Amazon's looks. The status always stands beside the colour."""

from amazon.models import InboundCall

OUTCOME_TONES = {"accepted": "success", "refused": "warning", "failed": "danger"}


def outcome_of(call: InboundCall) -> str:
    if call.status < 400:
        return "accepted"
    return "refused" if call.status < 500 else "failed"
