"""Two workers at once, on PostgreSQL: one file is written at a time."""

from datetime import date
from threading import Thread

import pytest
from django.db import connection

from core.tests.staff import staff_with
from reports.models import ReportFile
from reports.tests.connections import held_open

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def test_of_two_workers_that_look_at_once_one_takes_a_file() -> None:
    person, day = staff_with("reports.view_reports"), date(2026, 3, 10)
    for what in ReportFile.What:
        file = ReportFile(person=person, what=what, extension="csv", first=day, last=day, stores=[])
        file.due_now()
        file.save()
    taken: list[list[ReportFile]] = []

    def look() -> None:
        try:
            taken.append(ReportFile.lease_due(10))
        finally:
            connection.close()

    second = Thread(target=look)
    with held_open(lambda: taken.append(ReportFile.lease_due(10))):
        second.start()
        second.join(1)  # as long as it does not wait for the first one, it is over by then
    second.join()

    assert [len(files) for files in taken] == [1, 0]
