"""What a test host does beyond the others: it knows a trip for two minutes only. Amazon: connectivity_testing.

That a trip is unknown afterwards, by the name of an unknown one, is our reading.
"""

from datetime import timedelta

from sandbox.check.cases import UNKNOWN_TRIP, Case, Section, named
from sandbox.check.payments import ADJUST, charge
from sandbox.connectivity.cases import one

IN_TIME = timedelta(seconds=110)
TOO_LATE = timedelta(seconds=121)

TESTING = Section(
    "test-host",
    "Adjust Charge, on a test host",
    ADJUST,
    "adjust",
    (
        Case("12-a", "at once", one(charge(15.99)), (200,)),
        Case("12-b", "10 seconds before the 2 minutes end", one(charge(15.99)), (200,), later=IN_TIME),
        Case("12-c", "after them: unknown", one(charge(15.99)), (400,), named(UNKNOWN_TRIP), later=TOO_LATE),
    ),
)
