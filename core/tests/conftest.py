from collections.abc import Iterator

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps

from core.work import WorkRow


@pytest.fixture
def chore_model(transactional_db: None) -> Iterator[type[WorkRow]]:
    """A table of work that belongs to no app."""
    with isolate_apps("core"):

        class Chore(WorkRow):
            name = models.CharField(max_length=20)

            class Meta:
                app_label = "core"

    with connection.schema_editor() as editor:
        editor.create_model(Chore)
    yield Chore
    with connection.schema_editor() as editor:
        editor.delete_model(Chore)
