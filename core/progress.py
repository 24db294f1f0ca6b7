"""A progress bar for a terminal; silent where the output goes elsewhere."""

from typing import TextIO

WIDTH = 40


class Progress:
    def __init__(self, output: TextIO, title: str, total: int) -> None:
        self._output = output
        self._title = title
        self._total = total
        self._done = 0
        self._shown = -1

    def advance(self, count: int = 1) -> None:
        self._done += count
        filled = WIDTH * self._done // self._total
        if filled != self._shown and self._output.isatty():
            self._shown = filled
            end = "\n" if self._done == self._total else ""
            self._output.write(f"\r{self._title} [{'#' * filled}{'.' * (WIDTH - filled)}] {self._done}{end}")
            self._output.flush()
