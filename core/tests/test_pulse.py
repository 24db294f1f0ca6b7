"""Whether the work goes on, in one statement."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType

from core.models import Heartbeat
from core.pulse import pulse
from core.tasks import note_heartbeat

pytestmark = pytest.mark.django_db


def test_without_beat_nothing_is_said_of_it() -> None:
    assert pulse().heartbeat is None
    assert not pulse().is_silent


def test_the_heartbeat_is_one_row_by_the_databases_clock() -> None:
    note_heartbeat()
    first = Heartbeat.objects.get().at
    note_heartbeat()

    found = pulse()
    assert found.heartbeat == Heartbeat.objects.get().at >= first
    assert abs(found.now - found.heartbeat) < timedelta(minutes=1)
    assert not found.is_silent


def test_an_old_heartbeat_is_silence() -> None:
    note_heartbeat()
    Heartbeat.objects.update(at=Heartbeat.objects.get().at - timedelta(minutes=6))

    assert pulse().is_silent


def test_what_is_counted_comes_along(django_assert_num_queries: Any) -> None:
    everything, nothing = ContentType.objects.values("pk")[:3], ContentType.objects.none()

    with django_assert_num_queries(1):
        assert pulse(some=everything, none=nothing).counts == {"some": 3, "none": 0}
