"""A shape is made ready for decoding where its module is loaded: msgspec.json.Decoder(Shape).

`decode(…, type=Shape)` makes it ready at the first call. Where two threads do that at the same moment, one reads what
the other has half made, and the process ends by SIGSEGV (msgspec 0.22).
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def decoded_at_once(source: str) -> Iterator[int]:
    """The lines that decode into a type without a decoder of their own."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("json.decode") and node.keywords:
            yield node.lineno


def test_every_shape_has_its_decoder() -> None:
    ours = [path for path in ROOT.glob("[a-z]*/**/*.py") if "tests" not in path.parts and "bench" not in path.parts]
    assert ROOT / "payments/clients/payment_service.py" in ours

    assert [f"{path}:{line}" for path in ours for line in decoded_at_once(path.read_text())] == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import msgspec\nmsgspec.json.decode(body, type=Answer)", [2]),
        ("import msgspec\nmsgspec.json.decode(body)", []),
        ("answer.decode(body)", []),
    ],
)
def test_the_guard_sees_one(source: str, lines: list[int]) -> None:
    assert list(decoded_at_once(source)) == lines
