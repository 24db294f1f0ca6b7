"""One item that no product stands for holds many trips in review: somebody says once what it is."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import ClassVar

from django.utils.translation import gettext as _

from core.errors import Conflict
from orders.models import Line, Trip
from orders.services.pricing import choose_product
from orders.states import TripState
from payments.models import BulkItem, BulkJob
from payments.services.bulk.act import Plan


class ChooseProduct:
    right: ClassVar[str] = "orders.change_trip"

    def plan(self, trips: Sequence[int]) -> Iterator[Plan]:
        for trip in Trip.objects.filter(pk__in=trips):
            is_in_review = trip.state == TripState.REVIEW
            yield Plan(
                trip,
                obstacle=""
                if is_in_review
                else (_("It is not in review: it is %(state)s.") % {"state": trip.get_state_display()}),
            )

    def act(self, job: BulkJob, item: BulkItem) -> str:
        if job.product is None:
            raise Conflict(_("The product does not exist any more."))
        lines = [line for line in item.trip.lines.all() if line.sku == job.sku and line.problem]
        if not lines:
            raise Conflict(_("No unpriced %(sku)s stands in this trip.") % {"sku": job.sku})
        for line in lines:
            choose_product(line, job.product, actor=job.person.get_username())
        return f"{job.sku} is {job.product}."


def unknown_items(job: BulkJob) -> list[tuple[str, str, int]]:
    """SKU, Amazon's name and number of trips of what has no price in the job's trips, the most frequent first."""
    planned = job.items.filter(state=BulkItem.State.PLANNED).values("trip")
    lines = Line.objects.filter(trip__in=planned).exclude(problem="").values_list("sku", "name", "trip").distinct()
    counted = Counter((sku, name) for sku, name, _ in lines)
    return [(sku, name, count) for (sku, name), count in counted.most_common()]
