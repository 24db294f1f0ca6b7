"""Which colour a state has. The word always stands beside it."""

from loyalty.models import Member

MEMBER_TONES = {"active": "success", "blocked": "danger", "erased": "default"}
SCAN_TONES = {"accepted": "success", "refused": "danger"}


def state_of(member: Member) -> str:
    if member.anonymized_at is not None:
        return "erased"
    return "blocked" if member.is_blocked else "active"
