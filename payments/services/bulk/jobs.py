"""The life of a job: planned, started by its person, worked on trip by trip, and done."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from core.errors import Conflict, DomainError, Invalid
from core.languages import english
from core.money import Money, rounded
from orders.models import Trip
from payments.models import BulkItem, BulkJob, BulkLimit, RefundReason
from payments.services.bulk.act import BulkAct
from payments.services.bulk.choose_product import ChooseProduct
from payments.services.bulk.refund import RefundTrips
from payments.services.bulk.retry import CollectAgain, SendRefundsAgain
from staff.models import User
from stores.models import Product

MOST_TRIPS = 500  # where no group of the person says otherwise
_TRIES = 5  # of a trip that something unforeseen happens to

ACTS: dict[str, BulkAct] = {
    BulkJob.Kind.REFUND: RefundTrips(),
    BulkJob.Kind.COLLECT: CollectAgain(),
    BulkJob.Kind.SEND_REFUNDS: SendRefundsAgain(),
    BulkJob.Kind.CHOOSE_PRODUCT: ChooseProduct(),
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many trips of a job stand where."""

    planned: int
    skipped: int
    done: int
    failed: int

    @property
    def to_do(self) -> int:
        """All that the job is about."""
        return self.planned + self.ended

    @property
    def ended(self) -> int:
        return self.done + self.failed


def most_trips(person: User) -> int:
    if person.is_superuser:
        return MOST_TRIPS
    limits = BulkLimit.objects.filter(group__user=person).values_list("most_trips", flat=True)
    return max(limits, default=MOST_TRIPS)


def plan_job(kind: str, trips: "QuerySet[Trip]", person: User) -> BulkJob:
    """Raises Invalid where no trip, or more than the person may act on at once, is chosen."""
    most = most_trips(person)
    chosen = list(trips.order_by("pk").values_list("pk", flat=True)[: most + 1])
    if not chosen:
        raise Invalid(_("Choose at least one trip."), field="trips")
    if len(chosen) > most:
        raise Invalid(
            _("You may act on %(most)s trips at once, and more are chosen. Narrow the list.") % {"most": f"{most:,}"},
            field="trips",
        )
    with transaction.atomic():
        job = BulkJob.objects.create(kind=kind, person=person)
        with english():  # why a trip is left out is kept with it
            BulkItem.objects.bulk_create(_items(job, chosen))
    return job


def _items(job: BulkJob, trips: Sequence[int]) -> list[BulkItem]:
    return [
        BulkItem(
            job=job,
            trip=plan.trip,
            state=BulkItem.State.SKIPPED if plan.obstacle else BulkItem.State.PLANNED,
            amount=plan.amount.amount if plan.amount else None,
            currency=plan.amount.currency if plan.amount else "",
            result=plan.obstacle,
        )
        for plan in ACTS[job.kind].plan(trips)
    ]


def start_job(
    job: BulkJob, *, reason: RefundReason | None = None, note: str = "", sku: str = "", product: Product | None = None
) -> BulkJob:
    """Raises Conflict when it was started or dropped before, and Invalid where what its kind needs is missing."""
    _check_words(job, reason, sku, product)
    with transaction.atomic():
        job = BulkJob.objects.select_for_update().get(pk=job.pk)
        if job.state != BulkJob.State.DRAFT:
            raise Conflict(_("This job is %(state)s already.") % {"state": job.get_state_display()})
        job.state, job.started_at = BulkJob.State.RUNNING, Now()
        job.note, job.sku, job.product = note, sku, product
        if reason:
            job.reason, job.reason_label = reason.code, reason.label
        job.save()
        if not job.items.filter(state=BulkItem.State.PLANNED).update(next_attempt_at=Now()):
            raise Conflict(_("Nothing of this can be done: every trip is left out."))
    return job


def _check_words(job: BulkJob, reason: RefundReason | None, sku: str, product: Product | None) -> None:
    if job.kind == BulkJob.Kind.REFUND and not reason:
        raise Invalid(_("Choose a reason."), field="reason")
    if job.kind == BulkJob.Kind.CHOOSE_PRODUCT and not (sku and product):
        raise Invalid(_("Choose an item and the product that it is."), field="product")


def drop_job(job: BulkJob) -> None:
    if not BulkJob.objects.filter(pk=job.pk, state=BulkJob.State.DRAFT).update(state=BulkJob.State.DROPPED):
        raise Conflict(_("This job was started already."))


def try_failed_again(job: BulkJob) -> int:
    """Returns how many trips are done again. Raises Conflict when the job is not done, or nothing has failed."""
    with transaction.atomic():
        job = BulkJob.objects.select_for_update().get(pk=job.pk)
        if job.state != BulkJob.State.DONE:
            raise Conflict(_("This job is %(state)s.") % {"state": job.get_state_display()})
        failed = job.items.filter(state=BulkItem.State.FAILED)
        count = failed.update(state=BulkItem.State.PLANNED, result="", failed_attempts=0, next_attempt_at=Now())
        if not count:
            raise Conflict(_("Nothing has failed."))
        job.state, job.finished_at = BulkJob.State.RUNNING, None
        job.save(update_fields=["state", "finished_at"])
    return count


def work_on(item: BulkItem) -> None:
    """Do it to one trip. What was done and its result are one transaction. Raises LeaseLost."""
    with transaction.atomic():
        item = BulkItem.locked(item.pk, lease_count=item.lease_count)
        try:
            with transaction.atomic():
                item.result = _act(item)
            item.state = BulkItem.State.DONE
        except (DomainError, PermissionDenied) as error:
            item.state, item.result = BulkItem.State.FAILED, str(error)
        except Exception:
            if item.failed_attempts + 1 < _TRIES:
                raise
            logger.exception("%s could not be done", item)
            item.state, item.result = BulkItem.State.FAILED, "Something is wrong here; the log of the worker says what."
        item.rest()
        item.save()


def _act(item: BulkItem) -> str:
    """As its person, who may have lost a right or a store since the job was started."""
    job, person, act = item.job, item.job.person, ACTS[item.job.kind]
    if not person.is_active or not person.has_perm(act.right):
        raise PermissionDenied(f"{person} has not the right {act.right} any more.")
    if not person.sees(item.trip.store):
        raise PermissionDenied(f"{person} does not see {item.trip.store} any more.")
    return act.act(job, item)


def finish_jobs() -> list[BulkJob]:
    """Jobs with nothing left to do are done. Call in a transaction: each is returned once."""
    left = BulkItem.objects.filter(job=OuterRef("pk"), state=BulkItem.State.PLANNED)
    running = BulkJob.objects.filter(~Exists(left), state=BulkJob.State.RUNNING)
    ended = list(running.select_for_update(of=("self",), skip_locked=True).select_related("person"))
    BulkJob.objects.filter(pk__in=[job.pk for job in ended]).update(state=BulkJob.State.DONE, finished_at=Now())
    return ended


def progress(job: BulkJob) -> Progress:
    states = BulkItem.State
    return Progress(**job.items.aggregate(**{str(state): Count("pk", filter=Q(state=state)) for state in states}))


def sums(job: BulkJob, *states: BulkItem.State) -> list[Money]:
    """What the trips in these states are worth, per currency."""
    rows = job.items.filter(state__in=states, amount__isnull=False).order_by("currency").values("currency")
    return [Money(rounded(row["sum"], row["currency"]), row["currency"]) for row in rows.annotate(sum=Sum("amount"))]


def reasons_left_out(job: BulkJob) -> list[tuple[str, int]]:
    rows = job.items.filter(state=BulkItem.State.SKIPPED).values("result").annotate(count=Count("pk"))
    return [(row["result"], row["count"]) for row in rows.order_by("-count", "result")]
