"""Calls of Amazon that are errands: none is begun while its host is to be left alone (amazon.outbound.pauses)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from amazon.models import OutboundCall
from amazon.outbound import pauses
from amazon.outbound.errors import AmazonError, HostPaused
from amazon.outbound.transport import Address, Failure
from core.errands import NotNow
from core.work import WorkRow
from payments.models import Charge, FeedbackReport, Refund
from stores.models import Store

OfCharge = TypeVar("OfCharge", FeedbackReport, Refund)


class Answer(NamedTuple):
    """What the client returned, or the AmazonError; and the call, for the journal, if one was made."""

    said: Any
    call: OutboundCall | None


def call_of(address: Address, call: Callable[[], tuple[Any, OutboundCall | None]]) -> Callable[[], Answer]:
    """What makes the call, for `begin` of an errand. Raises NotNow."""
    host = address.base_url
    if not pauses.may_begin(host):
        raise NotNow

    def make() -> Answer:
        if not pauses.may_leave(host):
            return Answer(HostPaused(), None)
        try:
            return Answer(*call())
        except Failure as failure:
            return Answer(failure.error, failure.call)

    return make


def journal(answers: Iterable[Answer]) -> None:
    OutboundCall.objects.bulk_create([answer.call for answer in answers if answer.call])


def paused_stores(url: Callable[..., str]) -> list[int]:
    """The stores (by pk) whose host is left alone; `url` as for payments.services.addresses."""
    if pauses.are_none():
        return []
    stores = Store.objects.only("region", "is_test_mode")
    return [store.pk for store in stores if pauses.is_paused(url(store.region, is_test=store.is_test_mode))]


def lock_with_charges(model: type[OfCharge], leases: Mapping[int, int]) -> dict[int, OfCharge]:
    """The rows that are still ours. Their charges are locked first, as everywhere."""
    of_charges = model.objects.filter(pk__in=leases).values("charge")
    charges = {charge.pk: charge for charge in Charge.for_update().filter(pk__in=of_charges)}
    rows = model.all_locked(leases)
    for row in rows.values():
        row.charge = charges[row.charge_id]
    return rows


def try_later(row: WorkRow, error: AmazonError) -> None:
    """When Amazon has said, or after our own back-off. A call that was not tried is no failure."""
    if isinstance(error, HostPaused):
        row.due_now()
    else:
        row.retry(str(error), after=getattr(error, "retry_after", None))
