"""Who came in, who was refused and why, and what became of whoever was in."""

from collections import Counter, defaultdict
from typing import Any

from django.db.models import Q, Sum

from reports.cells import Column, Kind, Value
from reports.figures import divided
from reports.models import Door, EntryDay, VisitDay
from reports.pages.grouping import GROUPS, fitting, head, keys_of, place_of, places
from reports.pages.page import Block, Page, Report, Row
from reports.query import Query
from reports.services.reading import freshness, to_sum

BY_REASON = "reason"
AT_THE_GATE, CARTS = "At the gate", "Carts"

_COUNT, _SHARE = Kind.COUNT, Kind.SHARE
COLUMNS = [
    Column("scans", "Codes", _COUNT, "Codes that were held to the gate: of the app, of a badge."),
    Column("let_in", "Let in", _COUNT, "Of the codes."),
    Column("refused", "Refused", _COUNT, "Of the codes. By reason they stand one by one."),
    Column("accepted_share", "Codes accepted", _SHARE, "Let in, of the codes."),
    Column("associates", "Associates", _COUNT, "Let in as associates, who are no shoppers: no cart is made for them."),
    Column("cards", "Cards", _COUNT, "Cards about which Amazon asked, where a store decides with Amazon."),
    Column("cards_let_in", "Cards let in", _COUNT),
    Column("cards_refused", "Cards refused", _COUNT),
    Column("cards_accepted_share", "Cards accepted", _SHARE, "Let in, of the cards."),
    Column("fallbacks", "By fallback", _COUNT, "Cards let in or refused because the rules could not be read in time."),
    Column("loyalty_scans", "Loyalty scans", _COUNT, "Codes scanned for points, at the gate or inside."),
    Column(
        "loyalty_refused", "Loyalty refused", _COUNT, "Of the loyalty scans, those of nobody or of a blocked member."
    ),
    Column("trips", "Trips", _COUNT, "Carts that came, as in the overview."),
    Column("purchases", "Purchases", _COUNT, "Trips that cost something."),
    Column("empty", "Without purchase", _COUNT, "Trips whose cart is empty, or costs nothing."),
    Column("conversion", "Conversion", _SHARE, "Purchases, of the trips."),
    Column("unpriced", "Unpriced", _COUNT, "Trips without a price as of now: just received, or in review."),
    Column("uncharged", "Uncharged", _COUNT, "Trips whose money is being collected as of now."),
    Column("expired", "Expired", _COUNT, "Trips whose hold had ended before the money was taken."),
]
_REASONS = [
    Column("door", "Where"),
    Column("reason", "Reason"),
    Column("refusals", "Refused", _COUNT),
    Column("share", "Of the refused there", _SHARE),
]
_ENTRIES = {
    "scans": Q(door=Door.CODE),
    "let_in": Q(door=Door.CODE, is_accepted=True),
    "refused": Q(door=Door.CODE, is_accepted=False),
    "associates": Q(door=Door.CODE, is_associate=True),
    "cards": Q(door=Door.CARD),
    "cards_let_in": Q(door=Door.CARD, is_accepted=True),
    "cards_refused": Q(door=Door.CARD, is_accepted=False),
    "fallbacks": Q(door=Door.CARD, is_fallback=True),
    "loyalty_scans": Q(door=Door.LOYALTY),
    "loyalty_refused": Q(door=Door.LOYALTY, is_accepted=False),
}
_VISITS = ("trips", "purchases", "empty", "unpriced", "uncharged", "expired")


def columns(group: str) -> list[Column]:
    return _REASONS if group == BY_REASON else [head(group), *COLUMNS]


def build(query: Query) -> Report:
    blocks = _by_reason(query) if query.group == BY_REASON else _by_place(query)
    return Report(query, columns(query.group), blocks, freshness())


def _by_place(query: Query) -> list[Block]:
    found: defaultdict[Any, Counter[str]] = defaultdict(Counter)
    place, keys = place_of(query), keys_of(query)
    of_entries = {f"sum_{name}": Sum("entries", filter=which, default=0) for name, which in _ENTRIES.items()}
    of_visits = {f"sum_{name}": Sum(name) for name in _VISITS}
    for model, sums in ((EntryDay, of_entries), (VisitDay, of_visits)):
        for group in to_sum(model, query, *keys).values(*keys).annotate(**sums):
            found[place(group)].update({name.removeprefix("sum_"): group[name] for name in sums})
    if not found:
        return []
    total: Counter[str] = Counter()
    for counts in found.values():
        total.update(counts)
    lines: list[tuple[Value, Counter[str]]] = [(name, found[each]) for each, name in places(query, list(found))]
    lines.append(("Total", total))
    *entries, all_entries = [_of_entries(label, counts) for label, counts in lines]
    *visits, all_visits = [_of_visits(label, counts) for label, counts in lines]
    unpriced, uncharged = total["unpriced"], total["uncharged"]
    return [
        Block("", entries, all_entries, title=AT_THE_GATE),
        Block("", visits, all_visits, title=CARTS, unpriced=unpriced, uncollected=uncharged),
    ]


def _of_entries(label: Value, counts: Counter[str]) -> Row:
    return {
        "group": label,
        **{name: counts[name] for name in _ENTRIES},
        "accepted_share": divided(counts["let_in"], counts["scans"]),
        "cards_accepted_share": divided(counts["cards_let_in"], counts["cards"]),
    }


def _of_visits(label: Value, counts: Counter[str]) -> Row:
    return {
        "group": label,
        **{name: counts[name] for name in _VISITS},
        "conversion": divided(counts["purchases"], counts["trips"]),
    }


def _by_reason(query: Query) -> list[Block]:
    """Door by door, the most frequent first."""
    refused = to_sum(EntryDay, query, "door", "reason").filter(is_accepted=False)
    groups = list(refused.values("door", "reason").annotate(refusals=Sum("entries")))
    there: Counter[str] = Counter()
    for group in groups:
        there[group["door"]] += group["refusals"]
    groups.sort(key=lambda group: (Door.values.index(group["door"]), -group["refusals"], group["reason"]))
    rows: list[Row] = [
        {
            "door": str(Door(group["door"]).label),
            "reason": group["reason"],
            "refusals": group["refusals"],
            "share": divided(group["refusals"], there[group["door"]]),
        }
        for group in groups
    ]
    total: Row = {"door": "Total", "reason": "", "refusals": there.total()}
    return [Block("", rows, total, title=AT_THE_GATE)] if rows else []


PAGE = Page(
    key="entries",
    title="Entries",
    about="Codes and cards count when Amazon asked about them, trips when their cart came.",
    groups={**GROUPS, BY_REASON: "reason of refusal"},
    fitting=fitting,
    compares=False,
    columns=columns,
    build=build,
    has_currencies=False,
    nothing="Nobody was at the gate of these stores, or nobody was refused.",
)
