"""Who manages the people of a store gives nobody more than they have, themselves least of all."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from core.tests.staff import staff_with
from staff.groups import make_groups
from staff.models import User
from stores.models import Store
from stores.tests.rows import a_store

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/staff/user/"


@pytest.fixture(autouse=True)
def groups() -> None:
    make_groups(Group.objects, Permission.objects)


@pytest.fixture
def here() -> Store:
    return a_store("Here")


@pytest.fixture
def there() -> Store:
    return a_store("There")


def somebody(username: str, *groups: str, stores: tuple[Store, ...] = (), **fields: Any) -> User:
    person: User = staff_with(username=username, sees_all_stores=False)
    person.groups.set(Group.objects.filter(name__in=groups))
    person.stores.set(stores)
    User.objects.filter(pk=person.pk).update(**fields)
    return User.objects.get(pk=person.pk)


@pytest.fixture
def manager(here: Store) -> User:
    return somebody("manager", "manager", stores=(here,))


@pytest.fixture
def staff(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


def said_of(person: User, **changes: Any) -> dict[str, Any]:
    """What the form of a person's page sends."""
    stands = {
        "username": person.username,
        "is_active": "on",
        "is_staff": "on",
        "groups": list(person.groups.values_list("pk", flat=True)),
        "stores": list(person.stores.values_list("pk", flat=True)),
    }
    return stands | changes


def page(person: User) -> str:
    return f"{PEOPLE}{person.pk}/change/"


def powers(person: User) -> tuple[Any, ...]:
    person = User.objects.get(pk=person.pk)
    return (
        person.is_superuser,
        person.sees_all_stores,
        set(person.groups.values_list("name", flat=True)),
        set(person.stores.values_list("name", flat=True)),
        person.user_permissions.count(),
    )


def group(name: str) -> int:
    return Group.objects.get(name=name).pk


def test_a_manager_takes_somebody_on(staff: Client, here: Store) -> None:
    password = {"usable_password": "true", "password1": "a-long-one-4711", "password2": "a-long-one-4711"}
    answer = staff.post(f"{PEOPLE}add/", {"username": "newcomer", "stores": [here.pk], **password})

    newcomer = User.objects.get(username="newcomer")
    assert answer.url == page(newcomer)
    staff.post(page(newcomer), said_of(newcomer, groups=[group("associate")]))
    assert powers(newcomer) == (False, False, {"associate"}, {"Here"}, 0)


def test_whoever_is_taken_on_works_at_one_of_the_managers_stores(staff: Client, there: Store) -> None:
    password = {"usable_password": "true", "password1": "a-long-one-4711", "password2": "a-long-one-4711"}

    for stores in ([], [there.pk]):
        answer = staff.post(f"{PEOPLE}add/", {"username": "newcomer", "stores": stores, **password})
        assert "stores" in answer.context["adminform"].form.errors

    assert not User.objects.filter(username="newcomer").exists()


@pytest.mark.parametrize("name", ["finance", "manager", "auditor", "integrator"])
def test_a_manager_gives_no_group_that_may_do_as_much_or_more(staff: Client, here: Store, name: str) -> None:
    clerk = somebody("clerk", "associate", stores=(here,))
    before = powers(clerk)

    answer = staff.post(page(clerk), said_of(clerk, groups=[group("associate"), group(name)]))

    assert "groups" in answer.context["adminform"].form.errors
    assert powers(clerk) == before


def test_a_manager_gives_no_store_but_their_own(staff: Client, here: Store, there: Store) -> None:
    clerk = somebody("clerk", "associate", stores=(here,))

    answer = staff.post(page(clerk), said_of(clerk, stores=[here.pk, there.pk]))

    assert "stores" in answer.context["adminform"].form.errors
    assert powers(clerk)[3] == {"Here"}


def test_what_the_form_does_not_offer_is_not_taken_from_it(staff: Client, here: Store) -> None:
    clerk = somebody("clerk", "associate", stores=(here,))
    right = Permission.objects.get(codename="approve_refund")
    before = powers(clerk)

    more = {"is_superuser": "on", "sees_all_stores": "on", "user_permissions": [right.pk], "first_name": "Ann"}
    assert staff.post(page(clerk), said_of(clerk, **more)).status_code == 302

    assert powers(clerk) == before
    assert User.objects.get(pk=clerk.pk).first_name == "Ann"


def test_nobody_raises_themselves(staff: Client, manager: User, there: Store) -> None:
    before = powers(manager)
    more = {"is_superuser": "on", "sees_all_stores": "on", "groups": [group("finance")], "stores": [there.pk]}

    assert staff.post(page(manager), said_of(manager, **more, first_name="Max")).status_code == 302

    assert powers(manager) == before
    assert User.objects.get(pk=manager.pk).first_name == "Max"


def test_nobody_gets_at_somebody_who_may_do_as_much_or_more(staff: Client, here: Store, there: Store) -> None:
    """With their password one could do what they may, or approve what one has asked for."""
    others = [
        somebody("peer", "manager", stores=(here,)),
        somebody("controller", "finance", stores=(here,)),
        somebody("admin", stores=(here,), is_superuser=True),
        somebody("traveller", "associate", stores=(here, there)),
        somebody("everywhere", "associate", stores=(here,), sees_all_stores=True),
        # Django says of who is switched off that they have no right.
        somebody("left", "finance", stores=(here,), is_active=False),
    ]
    passwords = {other.pk: other.password for other in others}
    password = {"usable_password": "true", "password1": "a-long-one-4711", "password2": "a-long-one-4711"}

    for other in others:
        assert staff.get(page(other)).status_code == 200
        assert staff.post(page(other), said_of(other, is_active="on")).status_code == 403, other
        assert staff.post(f"{PEOPLE}{other.pk}/password/", password).status_code == 403, other

    assert {other.pk: User.objects.get(pk=other.pk).password for other in others} == passwords
    assert not User.objects.get(username="left").is_active


def test_a_manager_sets_the_password_of_who_may_do_less(staff: Client, here: Store) -> None:
    clerk = somebody("clerk", "associate", stores=(here,))

    password = {"usable_password": "true", "password1": "a-long-one-4711", "password2": "a-long-one-4711"}
    staff.post(f"{PEOPLE}{clerk.pk}/password/", password)

    assert User.objects.get(pk=clerk.pk).check_password("a-long-one-4711")


def test_people_of_other_stores_are_not_seen(staff: Client, manager: User, here: Store, there: Store) -> None:
    clerk, stranger = (somebody(name, stores=(store,)) for name, store in (("clerk", here), ("stranger", there)))

    listed = {row.pk for row in staff.get(PEOPLE).context["cl"].result_list}

    assert listed == {manager.pk, clerk.pk}
    assert staff.get(page(stranger)).status_code == 302
    assert staff.post(f"{PEOPLE}{stranger.pk}/password/", {}).status_code == 404


def test_a_superuser_makes_another(admin_client: Client, here: Store) -> None:
    clerk = somebody("clerk", "associate", stores=(here,))

    admin_client.post(page(clerk), said_of(clerk, is_superuser="on", groups=[group("finance")]))

    assert powers(clerk)[:3] == (True, False, {"finance"})


# --- Groups ----------------------------------------------------------------------------------------------------


def head(*rights: str) -> User:
    """Manages groups, and is everywhere."""
    return staff_with("auth.view_group", "auth.change_group", "auth.add_group", *rights, username="head")


def test_a_group_is_given_rights_that_one_has(client: Client) -> None:
    client.force_login(head("orders.view_trip"))
    own, other = (Permission.objects.get(codename=name) for name in ("view_trip", "approve_refund"))

    client.post("/admin/auth/group/add/", {"name": "night", "permissions": [own.pk, other.pk]})
    assert not Group.objects.filter(name="night").exists()

    client.post("/admin/auth/group/add/", {"name": "night", "permissions": [own.pk]})
    assert list(Group.objects.get(name="night").permissions.all()) == [own]


def test_a_group_that_may_do_more_is_left_alone(client: Client) -> None:
    client.force_login(head())

    answer = client.post(f"/admin/auth/group/{group('manager')}/change/", {"name": "manager", "permissions": []})

    assert answer.status_code == 403
    assert Group.objects.get(name="manager").permissions.exists()
