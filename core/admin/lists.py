"""Lists over large tables: they say “10,000+” instead of counting what nobody pages through."""

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

MOST_COUNTED = 10_000


class AtLeast(int):
    """A number that is known to be reached; it prints as `10,000+`."""

    def __str__(self) -> str:
        return f"{int(self):,}+"


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than MOST_COUNTED, so that the database never walks through a whole table; and rows alone, so
    that it adds nothing up for those that are not shown."""

    @cached_property
    def count(self) -> int:
        found: int = self.object_list.order_by().values("pk")[: MOST_COUNTED + 1].count()  # type: ignore[attr-defined]
        return AtLeast(MOST_COUNTED) if found > MOST_COUNTED else found


class BoundedChangeList(ChangeList):
    """Claims no second, full number in the header of an unfiltered list."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count
