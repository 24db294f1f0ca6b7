"""Which colour a state has. The word always stands beside it."""

from django.utils.translation import gettext_lazy as _

from loyalty.models import Member

MEMBER_TONES = {"active": "success", "blocked": "danger", "erased": "default"}
MEMBER_WORDS = {"active": _("active"), "blocked": _("blocked"), "erased": _("data erased")}
SCAN_TONES = {"accepted": "success", "refused": "danger"}
SCAN_WORDS = {"accepted": _("accepted"), "refused": _("refused")}


def state_of(member: Member) -> str:
    if member.anonymized_at is not None:
        return "erased"
    return "blocked" if member.is_blocked else "active"
