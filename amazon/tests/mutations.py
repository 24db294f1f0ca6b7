"""Random damage to a sound body, for hypothesis."""

from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from amazon.tests.bodies import Json, changed, encoded

numbers = st.one_of(st.integers(), st.floats(), st.sampled_from([2**63, 10**30, -0.0, 1e300, 10**400]))
texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from([0, 1, 255, 256, 5000]).map("x".__mul__),
    st.sampled_from(
        ["\0", "NaN", "1e400", "-1", "0", "9999999999", "2026-01-05T09:00:00+14:00", "\ud800", "1.0\n", "１"]
    ),
)
junk = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
random_bodies = st.one_of(st.binary(max_size=200), junk.map(encoded))

# One of each kind, for every place of a body.
EVERY_KIND = [..., None, True, 0, -1.5, "", "x" * 256, [], {}, [[]], {"a": {"b": None}}]


def hurried(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


def paths_in(value: Any, path: str = "") -> Iterator[str]:
    """Every place in the JSON value, as `changed` spells it."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        place = f"{path}.{key}" if path else str(key)
        yield place
        yield from paths_in(member, place)


def _objects_in(value: Any, path: str = "") -> Iterator[str]:
    """Every place that is an object, and so can grow."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from _objects_in(member, f"{path}.{key}" if path else str(key))
    if isinstance(value, dict) and path:
        yield path


@st.composite
def damaged(draw: st.DrawFn, fresh: Callable[[str], Json]) -> bytes:
    """A body with one to three places dropped, replaced or grown. `fresh` makes a sound one of a new UUID."""
    content = fresh(str(draw(st.uuids())))
    paths, objects = sorted(paths_in(content)), sorted(_objects_in(content))
    for _ in range(draw(st.integers(1, 3))):
        grown = st.sampled_from([*objects, ""]).map(lambda path: f"{path}.novelty".lstrip("."))
        place = draw(st.one_of(st.sampled_from(paths), grown))
        try:
            content = changed(content, place, draw(st.one_of(st.just(...), junk)))
        except (KeyError, IndexError, TypeError):  # an earlier change took the place away
            continue
    return encoded(content)


@st.composite
def damaged_bytes(draw: st.DrawFn, fresh: Callable[[str], Json]) -> bytes:
    """A sound body with bytes lost, added or replaced somewhere."""
    body = encoded(fresh(str(draw(st.uuids()))))
    at = draw(st.integers(0, len(body)))
    return body[:at] + draw(st.binary(max_size=8)) + body[at + draw(st.integers(0, 8)) :]
