"""A Redis that is away."""

import pytest

from core.shared_cache import SharedCache

NOBODY = "redis://127.0.0.1:9/0"


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> SharedCache:
    caplog.set_level("WARNING")
    monkeypatch.setattr(SharedCache, "_away_until", 0.0)
    cache = SharedCache(NOBODY, {"OPTIONS": {"socket_connect_timeout": 0.5}})
    cache._own.clear()
    return cache


def test_what_is_counted_meanwhile_is_counted_by_this_process(cache: SharedCache) -> None:
    assert cache.add("calls", 1, timeout=60)
    assert not cache.add("calls", 1, timeout=60)
    assert cache.incr("calls") == 2

    cache.set("calls", 7)
    assert cache.get("calls") == 7
    cache.delete("calls")
    assert cache.get("calls", "none") == "none"


def test_it_is_not_asked_again_with_each_call(cache: SharedCache, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(5):
        cache.get("calls")

    assert caplog.text.count("Redis (CACHE_URL) does not answer") == 1


def test_it_is_asked_again_after_a_while(
    cache: SharedCache, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.get("calls")
    monkeypatch.setattr(SharedCache, "_away_until", 0.0)  # time goes by

    cache.get("calls")

    assert caplog.text.count("Redis (CACHE_URL) does not answer") == 2


def test_a_mistake_in_a_call_is_no_redis_that_is_away(cache: SharedCache) -> None:
    with pytest.raises(TypeError):
        cache.get()
