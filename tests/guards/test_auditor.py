"""An auditor sees every page of the admin and changes nothing, whatever they send."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from core.tests.staff import staff_with
from payments.tests.admin_rows import a_store
from staff.groups import make_groups
from tests.guards.one_of_each import rows_at
from tests.guards.test_two_stores import snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(client: Client) -> Client:
    make_groups(Group.objects, Permission.objects)
    person = staff_with(username="auditor")
    person.groups.add(Group.objects.get(name="auditor"))
    client.force_login(person)
    return client


@pytest.fixture
def rows() -> dict[type[Model], Any]:
    return rows_at(a_store("Here"))


@pytest.mark.parametrize("model", admin.site._registry)
def test_an_auditor_sees_each_list(auditor: Client, rows: dict[type[Model], Any], model: type[Model]) -> None:
    answer = auditor.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))

    assert answer.status_code == 200


@pytest.mark.parametrize("model", admin.site._registry)
def test_an_auditor_may_not_add_change_or_delete(auditor: Client, rows: Any, model: type[Model]) -> None:
    row = rows.get(model) or model._default_manager.first()
    prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    before = snapshot()

    tried = [reverse(f"{prefix}_add")]
    tried += [reverse(f"{prefix}_{page}", args=[row.pk]) for page in ("change", "delete")] if row else []
    for address in tried:
        # A row of a trip leads to its trip.
        assert auditor.post(address, {"post": "yes"}).status_code in {302, 403, 405}, address

    assert snapshot() == before


def routes(patterns: list[Any]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns)
        else:
            yield pattern


def test_whatever_an_auditor_sends_to_the_admin_nothing_is_changed(auditor: Client, rows: Any) -> None:
    """Every address of it, with the rows that there are."""
    before, tried = snapshot(), 0
    by_name = {f"{model._meta.app_label}_{model._meta.model_name}": row for model, row in rows.items()}

    for pattern in routes(admin.site.urls[0]):
        name = pattern.name or ""
        row = next((row for prefix, row in by_name.items() if name.startswith(f"{prefix}_")), None)
        arguments = pattern.pattern.converters if hasattr(pattern.pattern, "converters") else {}
        if row is None or not arguments:
            continue
        values = {key: row.pk if key in {"pk", "object_id", "id"} else 1 for key in arguments}
        if {"refund_pk", "line_pk"} & values.keys():
            trip = row
            values["refund_pk"], values["line_pk"] = trip.charge.refunds.first().pk, trip.lines.first().pk
            values = {key: value for key, value in values.items() if key in arguments}
        said = {"note": "x", "outcome": "no", "amount": "1.00", "reason": "OTHER", "mode": "everything", "post": "yes"}
        answer = auditor.post(reverse(f"admin:{name}", kwargs=values), said)
        assert answer.status_code < 500, name
        tried += 1

    assert tried > 40
    assert snapshot() == before
