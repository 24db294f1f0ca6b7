"""What people did, newest first, from all sources in one statement.

Each source gives its first rows along an index, and of those the first are shown: what a page costs does not depend on
how much has happened. A page goes on after the last row of the one before it, not from a number.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple, Self

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, IntegerField, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from reports.audit.sources import COLUMNS, NO_KEY, Source, sources
from staff.models import User
from staff.services.people import visible_people

# Of somebody who sees more stores or people than this, a large source is not read one by one.
_MOST_BRANCHES = 50


class Row(NamedTuple):
    """As the statement gives it. `rank` is the place of its source among all sources."""

    rank: int
    pk: int
    at: datetime
    actor: str
    store: int | None
    target: int | None
    label: str
    done: str
    detail: str
    amount: str | None
    currency: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A row in the stream, behind which the next page begins. In an address it is `2026-11-27T21:00:00+00:00_3_17`."""

    at: datetime
    rank: int
    pk: int

    @classmethod
    def of(cls, row: Row) -> Self:
        return cls(row.at, row.rank, row.pk)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None where it is no place."""
        at, _, rest = text.partition("_")
        rank, _, pk = rest.partition("_")
        try:
            moment = datetime.fromisoformat(at)
            return cls(moment, int(rank), int(pk)) if moment.tzinfo else None
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.rank}_{self.pk}"


@dataclass(frozen=True)
class Wanted:
    """What the filters say; empty: everything that this person sees."""

    person: User
    actor: str = ""
    store: int | None = None
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: Place | None = None

    @cached_property
    def own_people(self) -> list[str]:
        """Whose acts of no store this person sees."""
        return list(visible_people(self.person).values_list("username", flat=True))


def rows_of(wanted: Wanted, most: int) -> list[Row]:
    """One statement, or none where there is nothing that this person may see."""
    parts: list[str] = []
    values: list[Any] = []
    for rank, source in enumerate(sources()):
        for rows in _branches(source, wanted) if _is_wanted(source, wanted) else ():
            try:
                statement, its_values = _selected(rank, source, rows, wanted, most).query.sql_with_params()
            except EmptyResultSet:
                continue
            parts.append(f"SELECT * FROM ({statement}) AS part_{len(parts)}")  # noqa: S608
            values += its_values
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"{' UNION ALL '.join(parts)} ORDER BY 3 DESC, 1, 2 DESC LIMIT {most:d}", values)
        return [Row._make((*found[:2], _moment(found[2]), *found[3:])) for found in cursor.fetchall()]


def all_rows(wanted: Wanted, batch: int) -> Iterator[Row]:
    """However many there are: a batch of them is in memory at a time."""
    while rows := rows_of(wanted, batch):
        yield from rows
        if len(rows) < batch:
            return
        wanted = replace(wanted, after=Place.of(rows[-1]))


def _is_wanted(source: Source, wanted: Wanted) -> bool:
    is_of_kind = wanted.kind in ("", source.kind)
    return is_of_kind and (wanted.store is None or bool(source.store)) and wanted.person.has_perm(source.right)


def _branches(source: Source, wanted: Wanted) -> Sequence[QuerySet[Any]]:
    """What the person sees of a source, in parts that an index gives in order."""
    person, rows = wanted.person, source.rows()
    if source.seen:
        rows = source.seen(person, rows)
    if wanted.store is not None:
        is_seen = person.is_everywhere or wanted.store in person.store_ids
        return [rows.filter(**{source.store: wanted.store})] if is_seen else []
    if source.seen or person.is_everywhere:
        return [rows]
    way: str = source.actor if source.to_actor else source.store
    own: Collection[Any] = wanted.own_people if source.to_actor else person.store_ids
    if source.is_large and not wanted.actor and len(own) <= _MOST_BRANCHES:
        return [rows.filter(**{way: one}) for one in sorted(own)]
    return [rows.filter(**{f"{way}__in": own})]


def _selected(rank: int, source: Source, rows: QuerySet[Any], wanted: Wanted, most: int) -> QuerySet[Any]:
    if wanted.actor:
        rows = rows.filter(**{source.actor: wanted.actor})
    if wanted.since:
        rows = rows.filter(**{f"{source.at}__gte": wanted.since})
    if wanted.until:
        rows = rows.filter(**{f"{source.at}__lt": wanted.until})
    if wanted.after:
        rows = rows.filter(_behind(wanted.after, rank, source.at))
    columns = COLUMNS | source.columns
    selected: QuerySet[Any] = rows.order_by(*source.order).values_list(
        Value(rank, IntegerField()),
        F("pk"),
        F(source.at),
        Cast(F(source.actor), TextField()),
        F(source.store) if source.store else NO_KEY,
        *columns.values(),
    )[:most]
    return selected


def _behind(place: Place, rank: int, at: str) -> Q:
    """The newest come first; of the same moment, those of the first source; of those, the last that was written."""
    earlier = Q(**{f"{at}__lt": place.at})
    if rank < place.rank:
        return earlier
    same = Q(**{at: place.at})
    # Says nothing new, but an index is walked from here and not from its end.
    from_here = Q(**{f"{at}__lte": place.at})
    return from_here & (earlier | (same & Q(pk__lt=place.pk) if rank == place.rank else same))


def _moment(value: Any) -> datetime:
    """SQLite has no times, only texts, in UTC."""
    moment: datetime = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
