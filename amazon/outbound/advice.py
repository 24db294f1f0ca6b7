"""What an answer to a call means, in plain words, and whether trying again is safe: one table, no database.

The names are those of Amazon's pages (payment_processing, cancel_charge, checkout_service_testing,
fraud_abuse_feedback_test_cases). Which call is safe to send again is our reading: docs/decisions/0003.
"""

import json
from dataclasses import dataclass

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from core.languages import Words

_SAFE = _("Trying again is safe.")
_USELESS = _("Trying again is safe, but the answer stays the same until something is changed.")
_UNSAFE = _("Trying again is not safe: it may have happened. Find out first.")


@dataclass(frozen=True, slots=True)
class Reading:
    """`pill` is the outcome in a word or two and `tone` its colour; `code` is what Amazon wrote. `retry` is empty where
    nothing has to be tried again."""

    pill: Words
    tone: str
    code: str = ""
    words: Words = ""
    retry: Words = ""


# By how Amazon's name begins, in lower case: it writes some with “Exception” at their end and some without.
_REFUSALS = {
    "unknownshoppingtrip": (_("{who} does not know this trip at this store."), _USELESS),
    "shoppingtripexpired": (
        _("The card's token has ended, as it does some 46 hours after a trip begins. The card can be charged no more."),
        _USELESS,
    ),
    "badrequest": (_("{who} finds a value missing or malformed, such as the store's id."), _USELESS),
    "invalidrequest": (_("{who} finds a field missing, or an amount without two decimals."), _USELESS),
    "cartcontentvalidationfailed": (
        _("{who} finds that items, promotions and taxes do not agree, or that there are no items."),
        _USELESS,
    ),
    "cartordertotalinvalid": (_("{who} finds that the totals do not agree with the items."), _USELESS),
    "authentication": (_("{who} does not accept our signature or our account."), _USELESS),
    "missing authentication token": (_("The call was not signed, or went to a path that does not exist."), _USELESS),
    "user: ": (_("{who} has not allowed our AWS account to make this call."), _USELESS),
    "signature": (_("The clock of this machine is wrong, so that {who} refuses our signature."), _USELESS),
}
_BY_STATUS = {
    400: (_("{who} refuses the request as it is."), _USELESS),
    402: (_("The card does not cover the amount, or its bank refuses."), _SAFE),
    403: (_("{who} does not let us make this call: the account, its rights or the signature."), _USELESS),
    429: (_("{who} was asked too often and has done nothing."), _SAFE),
}
# What an answer of 200 can still say: adjust_charge, fraud_abuse_feedback_api.
_SAID = {
    "DECLINED": Reading(
        _("declined"), "warning", "DECLINED", _("The card does not cover the amount, or its bank refuses."), _SAFE
    ),
    "PENDING": Reading(_("pending"), "info", "PENDING", _("Amazon has not decided yet and is asked again."), _SAFE),
    "Rejected": Reading(_("rejected"), "danger", "Rejected", _("Amazon has not taken the report."), _SAFE),
}
# As amazon.outbound.transport and payments.processors.stripe_client word it.
_MAY_HAVE_ARRIVED = ("The connection was cut", "No answer came", "The answer could not be read")
_NOBODY_THERE = ("Amazon could not be reached", "Stripe could not be reached")

# The only call that may not be repeated unasked: it has no key, and it takes money.
_NOT_REPEATABLE = "capture"


def read_answer(operation: str, status: int | None, answer: str, error: str = "") -> Reading:
    """Of a call in the journal: no status means that no answer came, and `error` says why."""
    body = _body(answer)
    # A processor's operation names the processor itself.
    who = operation.partition(":")[0] if ":" in operation else "Amazon"
    if status is None:
        return _without_answer(operation, error)
    if status < 300:
        said = _SAID.get(str(body.get("status", "")))
        return said or (_unreadable(operation, error) if error else Reading(_("done"), "success"))
    code = next((str(body[name]) for name in ("errorMsg", "message", "Message") if body.get(name)), "")
    if status >= 500 or status < 400:
        words = format_lazy(_("{who} failed while it answered, and may have acted."), who=who)
        return Reading(_("no answer"), "warning", code or str(status), words, _again(operation))
    words, retry = next(
        (known for begin, known in _REFUSALS.items() if code.lower().startswith(begin)),
        _BY_STATUS.get(status, _BY_STATUS[400]),
    )
    pill = {402: _("declined"), 429: _("put off")}.get(status)
    tone = "warning" if pill else "danger"
    return Reading(pill or _("refused"), tone, code or str(status), format_lazy(words, who=who), retry)


def _without_answer(operation: str, error: str) -> Reading:
    if not error or error.startswith(_MAY_HAVE_ARRIVED):
        return Reading(_("no answer"), "warning", words=_("It may have happened, or not."), retry=_again(operation))
    if error.startswith(_NOBODY_THERE):
        return Reading(_("not sent"), "warning", words=_("The call never left, so nothing has happened."), retry=_SAFE)
    return Reading(_("not sent"), "danger", words=_("It was stopped here, before it left."), retry=_USELESS)


def _unreadable(operation: str, error: str) -> Reading:
    return Reading(_("unclear"), "warning", words=error, retry=_again(operation))


def _again(operation: str) -> Words:
    return _UNSAFE if operation == _NOT_REPEATABLE else _SAFE


def _body(answer: str) -> dict[str, object]:
    try:
        body = json.loads(answer)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
