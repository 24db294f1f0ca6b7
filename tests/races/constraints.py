"""The database as referee, sent off the field: for negative controls only."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models


@contextmanager
def without_constraint(model: type[models.Model], name: str) -> Iterator[None]:
    """The table without one of the constraints of its model. Afterwards it is emptied and has it again."""
    (constraint,) = (found for found in model._meta.constraints if found.name == name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, constraint)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'TRUNCATE "{model._meta.db_table}" CASCADE')
        with connection.schema_editor() as editor:
            editor.add_constraint(model, constraint)
