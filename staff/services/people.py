"""Who may manage whom: only who may do less than oneself, and nobody gives away more than that."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from staff.models import User


def person_of(request: HttpRequest) -> User:
    """Who asks for a page of the staff: whoever gets to one has signed in."""
    return request.user  # type: ignore[return-value]


def visible_people(person: User) -> QuerySet[User]:
    """Those who work at one of this person's stores, and the person."""
    people = User.objects.all()
    if person.is_everywhere:
        return people
    works_there = User.stores.through.objects.filter(user=OuterRef("pk"), store__in=person.store_ids)
    return people.filter(Exists(works_there) | Q(pk=person.pk))


def may_manage(person: User, other: User) -> bool:
    """The other has fewer rights and no store that this person has not.

    Equals do not manage each other: with the other's password, who asked for a refund could approve it.
    """
    if person.is_superuser:
        return True
    if other.is_superuser or not _rights_of(other) < _rights_of(person):
        return False
    return person.is_everywhere or not (other.is_everywhere or other.store_ids - person.store_ids)


def rights_to_give(person: User) -> QuerySet[Permission]:
    rights = Permission.objects.all()
    return rights if person.is_superuser else rights.filter(pk__in=_rights_of(person))


def groups_to_give(person: User) -> QuerySet[Group]:
    """Those that may do less than this person."""
    groups = Group.objects.order_by("name")
    if person.is_superuser:
        return groups
    own = _rights_of(person)
    less = [group.pk for group in groups.prefetch_related("permissions") if _pks(group.permissions.all()) < own]
    return groups.filter(pk__in=less)


def _rights_of(person: User) -> frozenset[int]:
    """As rows: of somebody whose user is switched off, Django says that they have none."""
    return _pks(Permission.objects.filter(Q(user=person) | Q(group__user=person)).distinct())


def _pks(rights: QuerySet[Permission]) -> frozenset[int]:
    return frozenset(right.pk for right in rights)
