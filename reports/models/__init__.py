"""What the reports are made from and what keeps that up to date; files and reports that people ask for."""

from reports.models.calls import CallDay, CallFold, Direction, Outcome
from reports.models.everywhere import EVERYWHERE, DayEverywhere, EverywhereDay, MembersEverywhere
from reports.models.exports import ReportFile
from reports.models.gate import Door, EntryDay, VisitDay
from reports.models.journal import JournalDay
from reports.models.points import PointsDay
from reports.models.rollups import (
    BRAND_AWAITED,
    DayRow,
    DebtDay,
    DirtyDay,
    Fold,
    FoldedStore,
    HourDay,
    OverviewDay,
    ProductDay,
    RefundDay,
    StoreDay,
    TripDay,
)
from reports.models.saved import ReportMail, SavedReport

# Each is made anew for a day of a store (reports.services.rollups).
TABLES: tuple[type[StoreDay], ...] = (
    *(TripDay, OverviewDay, HourDay, RefundDay, DebtDay, ProductDay, JournalDay),
    *(EntryDay, VisitDay, PointsDay),
)

__all__ = [
    "BRAND_AWAITED",
    "EVERYWHERE",
    "TABLES",
    "CallDay",
    "CallFold",
    "DayEverywhere",
    "DayRow",
    "DebtDay",
    "Direction",
    "DirtyDay",
    "Door",
    "EntryDay",
    "EverywhereDay",
    "Fold",
    "FoldedStore",
    "HourDay",
    "JournalDay",
    "MembersEverywhere",
    "Outcome",
    "OverviewDay",
    "PointsDay",
    "ProductDay",
    "RefundDay",
    "ReportFile",
    "ReportMail",
    "SavedReport",
    "StoreDay",
    "TripDay",
    "VisitDay",
]
