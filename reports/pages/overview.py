"""Sales at a glance, by hour, day, week, month or store."""

from collections.abc import Iterator

from reports.cells import Column, Kind, Value, as_json
from reports.days import STARTS
from reports.figures import Figures
from reports.models import HourDay, OverviewDay
from reports.pages.cards import cards_of
from reports.pages.grouping import GROUPS, fitting, head, label, places_in
from reports.pages.links import Links
from reports.pages.page import Block, Chart, Page, Report, Row
from reports.periods import Period
from reports.query import BY_HOUR, BY_STORE, Query
from reports.services.reading import Placed, figures, freshness, total_of

_MONEY, _COUNT, _SHARE, _SECONDS = Kind.MONEY, Kind.COUNT, Kind.SHARE, Kind.SECONDS
# What a table says of each row, and the cards of the whole: each a figure of reports.figures.
MEASURES = (
    Column("trips", "Trips", _COUNT, "Trips that came, whether or not anything was taken."),
    Column("gross", "Sales", _MONEY, "What the carts cost, with their tax."),
    Column("tax", "Tax", _MONEY, "The tax within the sales."),
    Column("refunds", "Refunds", _COUNT, "Refunds that were done, on the day they were done."),
    Column("refunded", "Refunded", _MONEY, "What they gave back."),
    Column("refund_rate", "Refund rate", _SHARE, "Refunded, of the sales."),
    Column("net", "Net of refunds", _MONEY, "Sales less refunded; what was adjusted is off the sales already."),
    Column("average_basket", "Average basket", _MONEY, "Sales for each trip that cost something."),
    Column("items_per_basket", "Items per basket", Kind.QUANTITY, "Pieces; what is weighed counts as one."),
    Column("dwell", "Time in the store", _SECONDS, "From the trip's start to its end, on average."),
    Column("member_share", "Members", _SHARE, "Of the trips, those of a known member."),
    Column("app_share", "By app", _SHARE, "Of the trips, those that came in by the app."),
    Column("card_share", "By card", _SHARE, "Of the trips, those that came in by a card."),
    Column("unpaid", "Unpaid", _MONEY, "Of these trips what is neither taken nor settled otherwise, as of now."),
    Column("recovered", "Recovered", _MONEY, "Of debts what was paid in these days, whenever the trip came."),
    Column("exit_to_charged", "Exit to charged", _SECONDS, "From the trip's end to its capture, on average."),
)
_OF_AN_HOUR = {"trips", "gross"}
_BEFORE = "gross_before"
_Line = tuple[Value, Figures, Figures | None]


def columns(group: str) -> list[Column]:
    return [head(group), *_measures(group), Column(_BEFORE, "Sales before", _MONEY, "Of what it is compared with.")]


def _measures(group: str) -> list[Column]:
    return [each for each in MEASURES if group != BY_HOUR or each.key in _OF_AN_HOUR]


def build(query: Query) -> Report:
    if query.group == BY_STORE:
        now, before = figures(OverviewDay, query, ["store"], lambda store: store)
    else:
        now, before = figures(OverviewDay, query, ["day"], STARTS.get(query.group, STARTS["day"]))
    blocks, links = [], Links(query, "overview")
    by_hour = figures(HourDay, query, ["hour"], lambda hour: hour) if query.group == BY_HOUR else None
    for currency in sorted(now.keys() | before.keys()):
        total = total_of(now, currency)
        then = total_of(before, currency) if query.previous else None
        parts = [_only(currency, each) for each in by_hour or (now, before)]
        lines = list(_lines(query, currency, *parts))
        blocks.append(
            Block(
                currency=currency,
                rows=[_row(query, label, part, past) for label, part, past in lines],
                total=_row(query, "Total", total, then),
                before=_row(query, "Total", then, None) if then else None,
                cards=cards_of(links, MEASURES, currency, _measured(total), _measured(then) if then else None),
                chart=_chart(query, lines),
                unpriced=total.unpriced,
                uncollected=total.uncollected,
            )
        )
    return Report(query, columns(query.group), blocks, freshness())


def _only(currency: str, placed: Placed) -> dict[object, Figures]:
    return placed.get(currency, {})


def _lines(query: Query, currency: str, now: dict[object, Figures], before: dict[object, Figures]) -> Iterator[_Line]:
    """Each row's label and figures, with those it is compared with: the same store, or the same place in its period."""
    nothing = Figures(currency)
    if query.group == BY_STORE:
        for store in query.stores:
            if store.pk in now or store.pk in before:
                yield store.name, now.get(store.pk, nothing), before.get(store.pk, nothing) if query.previous else None
        return
    places, earlier = _places(query, query.period, now), _places(query, query.previous, before)
    for number, place in enumerate(places):
        past = before.get(earlier[number], nothing) if number < len(earlier) else None
        yield label(query, place), now.get(place, nothing), past


def _places(query: Query, period: Period | None, found: dict[object, Figures]) -> list[object]:
    return places_in(query, period, found) if period else []


def _row(query: Query, label: Value, now: Figures, before: Figures | None) -> Row:
    values: dict[str, Value] = {each.key: getattr(now, each.key) for each in _measures(query.group)}
    return {"group": label} | values | {_BEFORE: before.gross if before else None}


def _measured(part: Figures) -> Row:
    return {each.key: getattr(part, each.key) for each in MEASURES}


def _chart(query: Query, lines: list[_Line]) -> Chart:
    def amounts(parts: list[Figures | None]) -> list[str]:
        return [str(as_json(part.gross, _MONEY, part.currency)) for part in parts if part is not None]

    return Chart(
        title=f"Sales by {GROUPS[query.group]}",
        labels=[str(label) for label, _, _ in lines],
        now=amounts([now for _, now, _ in lines]),
        before=amounts([before for _, _, before in lines]),
        is_over_time=query.group != BY_STORE,
    )


PAGE = Page(
    key="overview",
    title="Overview",
    about="Trips count on the day they came, refunds and recovered debts on the day of their own.",
    groups=GROUPS,
    fitting=fitting,
    compares=True,
    columns=columns,
    build=build,
)
