"""Telling people, and what they have read."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from staff.models import Notification, NotificationChoice, NotificationKind, NotificationMail, User
from stores.models import Store

KEPT_DAYS = 90
MOST_COUNTED = 99


def notify(people: Iterable[User], kind: NotificationKind, title: str, link: str, *, store: Store | None = None) -> int:
    """Tell each of them as they like to be told. Returns how many are told."""
    told = list(people)
    choices = {choice.user_id: choice for choice in NotificationChoice.objects.filter(user__in=told, kind=kind)}
    notifications = []
    for person in told:
        choice = choices.get(person.pk)
        in_header = choice.in_header if choice else True
        awaits_mail = bool(choice and choice.by_mail and person.email and settings.EMAIL_URL)
        if in_header or awaits_mail:
            notifications.append(
                Notification(
                    user=person,
                    kind=kind,
                    store=store,
                    title=title[:200],
                    link=link,
                    in_header=in_header,
                    awaits_mail=awaits_mail,
                )
            )
    with transaction.atomic():
        Notification.objects.bulk_create(notifications)
        _have_mailed([row.user for row in notifications if row.awaits_mail])
    return len(notifications)


def _have_mailed(people: list[User]) -> None:
    if people:
        NotificationMail.objects.bulk_create(
            [NotificationMail(user=person) for person in people], ignore_conflicts=True
        )
        # One that is being sent just now looks for more afterwards.
        NotificationMail.objects.filter(user__in=people, next_attempt_at__isnull=True).update(next_attempt_at=Now())


def who_may(right: str, store: Store | None) -> "QuerySet[User]":
    """Active staff with the right who see the store, or any person with it where there is no store."""
    people = User.objects.with_perm(right, backend="django.contrib.auth.backends.ModelBackend")
    staff = people.filter(is_active=True, is_staff=True)
    if store is None:
        return staff
    return staff.filter(Q(is_superuser=True) | Q(sees_all_stores=True) | Q(stores=store)).distinct()


def shown_to(person: User) -> "QuerySet[Notification]":
    """Newest first."""
    return Notification.objects.filter(user=person, in_header=True)


def unread_count(person: User) -> int:
    """Up to one more than MOST_COUNTED."""
    return shown_to(person).filter(read_at__isnull=True).order_by()[: MOST_COUNTED + 1].count()


def mark_read(person: User, pk: int | None = None) -> int:
    """One, or all of them. Returns how many were unread."""
    unread = shown_to(person).filter(read_at__isnull=True)
    return (unread if pk is None else unread.filter(pk=pk)).update(read_at=Now())


def choices_of(person: User) -> dict[NotificationKind, tuple[bool, bool]]:
    """For each kind whether it is told in the header and by e-mail."""
    chosen = {row.kind: (row.in_header, row.by_mail) for row in NotificationChoice.objects.filter(user=person)}
    return {kind: chosen.get(kind.value, (True, False)) for kind in NotificationKind}


def choose(person: User, choices: Mapping[NotificationKind, tuple[bool, bool]]) -> None:
    NotificationChoice.objects.bulk_create(
        [
            NotificationChoice(user=person, kind=kind, in_header=in_header, by_mail=by_mail)
            for kind, (in_header, by_mail) in choices.items()
        ],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["in_header", "by_mail"],
    )


def forget_old_notifications() -> int:
    """Delete those of more than KEPT_DAYS ago."""
    deleted, _ = Notification.objects.filter(at__lt=Now() - timedelta(days=KEPT_DAYS)).delete()
    return deleted
