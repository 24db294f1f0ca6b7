"""What every report is: columns, and for each currency rows and their total."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reports.cells import Column, Value
from reports.periods import Period
from reports.query import Query, QueryForm, Question
from reports.services.reading import Freshness

Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Card:
    """A figure that stands out: as it is shown, how it changed, and the address of what is behind it."""

    key: str
    title: str
    value: str
    change: str
    before: str
    help: str
    url: str = ""

    @property
    def leads_to_trips(self) -> bool:
        return self.url.startswith("/admin/")


@dataclass(frozen=True, slots=True)
class Chart:
    """Amounts as text: the browser draws them and the table beside it says the same."""

    title: str
    labels: list[str]
    now: list[str]
    before: list[str]
    is_over_time: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Of one currency, since two are never added together; of none, it has a title."""

    currency: str
    rows: list[Row]
    total: Row
    before: Row | None = None
    cards: list[Card] = field(default_factory=list)
    chart: Chart | None = None
    unpriced: int = 0
    uncollected: int = 0
    deepest: Value = None  # of the cells that are shaded
    title: str = ""

    @property
    def name(self) -> str:
        return self.currency or self.title

    @property
    def chart_id(self) -> str:
        return f"chart-{self.currency}"


@dataclass(frozen=True, slots=True)
class Report:
    query: Query
    columns: list[Column]
    blocks: list[Block]
    freshness: Freshness

    @property
    def unpriced(self) -> int:
        return sum(block.unpriced for block in self.blocks)

    @property
    def uncollected(self) -> int:
        return sum(block.uncollected for block in self.blocks)

    @property
    def is_partial(self) -> bool:
        return bool(self.unpriced or self.uncollected or self.freshness.has_days_to_do)


@dataclass(frozen=True, slots=True)
class Page:
    """`groups` are what its rows may be, `fitting` chooses one for a period; `sorts` are what may come first, of which
    the first counts unless another is asked for. `about` says in a sentence what counts, `nothing` what there is none
    of where the page is blank. `right`: one that it needs besides that to see reports."""

    key: str
    title: str
    about: str
    groups: Mapping[str, str]
    fitting: Callable[[Period], str]
    compares: bool
    columns: Callable[[str], list[Column]]
    build: Callable[[Query], Report]
    sorts: Mapping[str, str] = field(default_factory=dict)
    form: type[Question] = QueryForm
    block_template: str = "reports/block.html"
    has_currencies: bool = True
    nothing: str = "No trip came to these stores and no money moved."
    right: str = ""

    @property
    def first_column(self) -> str:
        """Of a file: what tells its blocks apart."""
        return "Currency" if self.has_currencies else "Part"
