"""Telling staff what needs a person now.

Nothing of this stands in the way of the money: a watch compares what needs a look with what people were told.
"""

import logging
from collections import defaultdict

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst

from core.backlog import LATE_AFTER_SECONDS, backlog
from orders.models import Trip
from payments.models import BulkJob, Told
from payments.services.attention import WHYS, Why, needs_a_look
from payments.services.bulk.jobs import progress
from staff.models import Notification, NotificationKind, User
from staff.services.notifications import notify, who_may
from stores.models import Store

# Of each cause, in one run. What is more is told by the next.
MOST_AT_ONCE = 1_000

# Who can do something about it.
RIGHTS_OF_WHYS = {
    "failed": "payments.retry_charge",
    "unknown": "payments.resolve_charge",
    "stuck": "payments.resolve_charge",
    "deadline": "orders.change_trip",
    "refund": "payments.request_refund",
    "approval": "payments.approve_refund",
    "contest": "payments.decide_contestedcart",
    "review": "orders.change_trip",
    "other_cart": "orders.change_trip",
    "report": "payments.resend_feedbackreport",
    "receipt": "payments.resend_receipt",
}
_WORK_RIGHT = "amazon.view_inboundcall"

logger = logging.getLogger(__name__)


def tell_people() -> int:
    """Of each trip that needs a look for a cause that nobody was told of; several at a store are told together.

    Returns how many trips. Two runs at the same moment tell nobody twice: the later one's rows are there already.
    """
    try:
        with transaction.atomic():
            _forget_what_is_over()
            return sum(_tell(key) for key in WHYS)
    except IntegrityError:
        logger.info("another worker tells people at this moment")
        return 0


def _forget_what_is_over() -> None:
    for key in WHYS:
        Told.objects.filter(why=key).exclude(trip__in=needs_a_look(key=key).order_by().values("pk")).delete()


def _tell(key: str) -> int:
    told = Told.objects.filter(why=key, trip=OuterRef("pk"))
    new = needs_a_look(key=key).filter(~Exists(told)).order_by().select_related("store")[:MOST_AT_ONCE]
    at_store: defaultdict[Store, list[Trip]] = defaultdict(list)
    for trip in new:
        at_store[trip.store].append(trip)
    Told.objects.bulk_create([Told(trip=trip, why=key) for trips in at_store.values() for trip in trips])
    for store, trips in at_store.items():
        _notify(WHYS[key], store, trips)
    return sum(map(len, at_store.values()))


def _notify(why: Why, store: Store, trips: list[Trip]) -> None:
    if len(trips) == 1:
        title, link = f"{store}: {why.label}", reverse("admin:orders_trip_change", args=[trips[0].pk])
    else:
        query = urlencode({"attention": why.key, "store__id__exact": str(store.pk)})
        title, link = f"{store}: {len(trips)} × {why.label}", f"{reverse('admin:orders_trip_changelist')}?{query}"
    notify(who_may(RIGHTS_OF_WHYS[why.key], store), NotificationKind(why.key), title, link, store=store)


def tell_of_done_jobs(jobs: list[BulkJob]) -> None:
    for job in jobs:
        count = progress(job)
        failed = f", {count.failed} not done" if count.failed else ""
        title = f"{capfirst(job.get_kind_display())}: {count.done} done{failed}"
        notify([job.person], NotificationKind.JOB, title, reverse("admin:payments_bulkjob_change", args=[job.pk]))


def tell_of_mention(trip: Trip, author: str, usernames: list[str]) -> None:
    people = User.objects.filter(username__in=usernames)
    link = reverse("admin:orders_trip_change", args=[trip.pk])
    notify(people, NotificationKind.MENTION, f"{author} names you in a note on {trip}", link, store=trip.store)


def tell_of_stuck_work() -> int:
    """Once, until whoever was told has read it, and again when work is stuck then."""
    late = [kind for kind in backlog() if kind.late]
    if not late:
        return 0
    unread = Notification.objects.filter(kind=NotificationKind.WORK, read_at__isnull=True)
    people = who_may(_WORK_RIGHT, None).exclude(pk__in=unread.values("user"))
    kinds = ", ".join(f"{kind.late} × {kind.kind}" for kind in late)
    title = f"Due for more than {LATE_AFTER_SECONDS:.0f} s, and no worker takes it: {kinds}"
    return notify(people, NotificationKind.WORK, title, reverse("admin:index"))
