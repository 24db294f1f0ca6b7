"""What goes wrong, in an order drawn from the seed. Each trouble has passed when its function returns."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import redis

from tests.soak.world import World

Trouble = Callable[[World, Random], None]

PAUSE = (0.3, 1.2)
STORM_SECONDS = 2.0
STORMS = [
    {"kind": "lose_answer", "rate": 0.5},
    {"kind": "lose_request", "rate": 0.5},
    {"kind": "garbage", "rate": 0.5},
    {"kind": "delay_after", "seconds": 2.0, "rate": 0.3},
    {"kind": "status", "status": 500, "rate": 0.7},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "retry_after": "2"},
]


def silence(world: World, dice: Random) -> None:
    """Amazon acts and does not answer, each time for what is worst to repeat."""
    for operation in ("capture", "refund"):
        world.sandbox.fault("lose_answer", operation=operation, times=None, rate=0.5)
    time.sleep(STORM_SECONDS)
    world.sandbox.clear_faults()


def storm(world: World, dice: Random) -> None:
    world.sandbox.fault(**dice.choice(STORMS), times=None)
    time.sleep(STORM_SECONDS)
    world.sandbox.clear_faults()


def throttling(world: World, dice: Random) -> None:
    world.sandbox.limit(dice.choice([3, 10]))
    time.sleep(STORM_SECONDS)
    world.sandbox.clear_limits()


def worker_killed(world: World, dice: Random) -> None:
    world.workers.pop(dice.randrange(len(world.workers))).kill()
    world.hire()


def web_killed(world: World, dice: Random) -> None:
    world.web.kill()
    world.start_web()


def backend_killed(world: World, dice: Random) -> None:
    world.cluster.kill_a_backend(dice)


def database_killed(world: World, dice: Random) -> None:
    world.cluster.kill_all(dice.choice([signal.SIGKILL, signal.SIGQUIT]))
    world.cluster.start()


def redis_emptied(world: World, dice: Random) -> None:
    with redis.Redis.from_url(world.redis.url) as client:
        client.flushall()


def redis_hangs(world: World, dice: Random) -> None:
    with world.redis.hanging():
        time.sleep(1)


def redis_killed(world: World, dice: Random) -> None:
    with world.redis.absent():
        time.sleep(0.5)


ALL: list[Trouble] = [
    silence,
    storm,
    throttling,
    worker_killed,
    web_killed,
    backend_killed,
    database_killed,
    redis_emptied,
    redis_hangs,
    redis_killed,
]


class Troublemaker:
    def __init__(self, world: World, seed: int, troubles: list[Trouble]) -> None:
        self._world, self._troubles = world, troubles
        self._dice = Random(f"{seed}/troubles")
        self._drawn = self._draw()
        self.made: Counter[str] = Counter()

    def make_trouble(self) -> None:
        time.sleep(self._dice.uniform(*PAUSE))
        trouble = next(self._drawn)
        trouble(self._world, self._dice)
        self.made[trouble.__name__] += 1

    def _draw(self) -> Iterator[Trouble]:
        """Each once before any comes again; the silence first, so that the shortest run has it."""
        yield silence
        while True:
            yield from self._dice.sample(self._troubles, len(self._troubles))
