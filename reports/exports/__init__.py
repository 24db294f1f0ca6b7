"""Rows behind a report, as files of any size: a batch of them is in memory at a time."""
