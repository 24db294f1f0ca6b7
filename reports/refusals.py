"""Why somebody was not let in, so that refusals can be counted: the sentences for staff, without whom and how much.

The sentences are those of loyalty.services and payments.authorization. Pure, no database.
"""

import re

LONGEST = 200
_PLAIN = (
    (re.compile(r"Blocked\b"), "Blocked."),
    (re.compile(r"Owes "), "Owes for earlier trips."),
    (re.compile(r"The code was \d+ s old"), "The code was too old."),
    (re.compile(r"The code was scanned \d+ s before"), "The code was scanned before it was issued."),
    (re.compile(r"The rules could not be read in time"), "The rules could not be read in time."),
)


def plain_reason(sentence: str | None) -> str:
    """`Owes for earlier trips.` of `Owes $4.20 for earlier trips.`; others as they are."""
    text = sentence or "Not written down."
    return next((plain for pattern, plain in _PLAIN if pattern.match(text)), text[:LONGEST])
