"""The groups that this project brings along."""

import pytest
from django.contrib.auth.models import Group, Permission

from staff.groups import GROUPS, make_groups
from staff.money_rights import MOVES_MONEY

pytestmark = pytest.mark.django_db


def rights_of(group: Group) -> set[str]:
    rows = group.permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


@pytest.fixture(autouse=True)
def groups() -> None:
    make_groups(Group.objects, Permission.objects)


@pytest.mark.parametrize("name", GROUPS)
def test_every_right_of_a_group_exists(name: str) -> None:
    assert rights_of(Group.objects.get(name=name)) == GROUPS[name]


def test_making_them_again_takes_nothing_away() -> None:
    own = Permission.objects.get(codename="delete_session")
    group = Group.objects.get(name="associate")
    group.permissions.add(own)

    make_groups(Group.objects, Permission.objects)

    assert rights_of(group) == GROUPS["associate"] | {"sessions.delete_session"}


def test_an_auditor_has_rights_to_look_and_no_other() -> None:
    assert {right for right in GROUPS["auditor"] if ".view_" not in right} == {"payments.reconcile"}
    assert "loyalty.view_personal_data" not in GROUPS["auditor"]


def test_an_auditor_sees_whatever_somebody_else_sees() -> None:
    others = GROUPS["manager"] | GROUPS["finance"] | GROUPS["integrator"] | GROUPS["associate"]
    looks = {right for right in others if ".view_" in right} - {"loyalty.view_personal_data"}

    assert looks <= GROUPS["auditor"]


def test_who_connects_amazon_moves_no_money_and_sees_nobody() -> None:
    assert GROUPS["integrator"] & MOVES_MONEY == {"stores.add_store", "stores.change_store"}
    assert "loyalty.view_personal_data" not in GROUPS["integrator"]
