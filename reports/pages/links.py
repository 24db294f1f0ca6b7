"""From a figure to the page about it, or to the list of its trips, where that comes to the same number."""

from django.urls import reverse
from django.utils.http import urlencode

from orders.states import TripState
from reports.query import Query

# What narrows the list of trips down to those that a figure counts.
_TRIPS: dict[str, dict[str, str | int]] = {
    "trips": {},
    "gross": {},
    "tax": {},
    "app_share": {"entry__exact": "APP"},
    "card_share": {"entry__exact": "CARD"},
    "paid": {"state__exact": TripState.PAID},
    "partly_paid": {"state__exact": TripState.PARTLY_PAID},
    "declined": {"state__exact": TripState.UNPAID},
    "expired": {"state__exact": TripState.EXPIRED},
    "failed": {"state__exact": TripState.FAILED},
}
_PAGES = {"refunds": "refunds", "refunded": "refunds", "unpaid": "payments", "recovered": "debts"}


class Links:
    """The list knows one store or all of them, and cuts days by one zone (stores.day_filters.zone_of_days)."""

    def __init__(self, query: Query, here: str) -> None:
        """`here` is the key of the page that they stand on."""
        self._query, self._here = query, here
        is_one = len(query.stores) == 1
        self._ties_out = len(query.zones) == 1 and (is_one or not query.has_chosen)

    def behind(self, key: str) -> str:
        """Empty where there is no such list."""
        if key in _PAGES and _PAGES[key] != self._here:
            return f"{reverse(f'report-{_PAGES[key]}')}?{self._same_question()}"
        if key not in _TRIPS or not self._ties_out:
            return ""
        period = self._query.period
        chosen: dict[str, str | int] = {"received_at_from": str(period.first), "received_at_to": str(period.last)}
        if self._query.has_chosen:
            chosen["store__id__exact"] = self._query.stores[0].pk
        return f"{reverse('admin:orders_trip_changelist')}?{urlencode(chosen | _TRIPS[key])}"

    def _same_question(self) -> str:
        period = self._query.period
        stores = [store.external_id for store in self._query.stores] if self._query.has_chosen else []
        return urlencode({"from": str(period.first), "to": str(period.last), "store": stores}, doseq=True)
