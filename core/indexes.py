"""Indexes that cost writers next to nothing."""

from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class AppendedIndex(BrinIndex):
    """Over a time by which rows are only ever appended: finds the newest, and is written once per many rows.

    SQLite has no such index and gets an ordinary one.
    """

    def __init__(self, *expressions: Any, **options: Any) -> None:
        # Else what was appended since the last vacuum would be read in full.
        super().__init__(*expressions, **({"autosummarize": True} | options))

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **options: Any) -> Any:
        if schema_editor.connection.vendor == "postgresql":
            return super().create_sql(model, schema_editor, using, **options)
        return models.Index.create_sql(self, model, schema_editor, **options)
