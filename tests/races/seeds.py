"""Randomness that can be had again."""

import os
import sys
from random import SystemRandom


def seed_of(variable: str) -> int:
    """The one that the environment names, else a new one. It is printed, and pytest shows it where a test fails."""
    seed = int(os.environ.get(variable, SystemRandom().randrange(10**6)))
    sys.stdout.write(f"{variable}={seed}\n")
    return seed
