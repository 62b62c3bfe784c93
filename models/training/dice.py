"""The one source of chance: everything drawn follows from a seed."""

import math
import random
from typing import Sequence, TypeVar

import numpy as np

T = TypeVar('T')
Colour = tuple[float, float, float]


class Dice(random.Random):
    """Python's generator for single numbers, where NumPy's costs microseconds a call, and NumPy's for arrays."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.arrays = np.random.default_rng(seed)

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def log_uniform(self, low: float, high: float) -> float:
        return math.exp(self.uniform(math.log(low), math.log(high)))

    def weighted(self, weights: dict[T, float]) -> T:
        return self.choices(list(weights), list(weights.values()))[0]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        return [self.choice(items) for _ in range(count)]

    def near(self, colour: Sequence[float], by: float) -> Colour:
        """A colour (blue, green, red) up to `by` away in each channel, and a bit lighter or darker as a whole."""
        light = self.uniform(-by / 2, by / 2)
        b, g, r = (min(255.0, max(0.0, c + light + self.uniform(-by, by))) for c in colour)
        return (b, g, r)

    def any_colour(self) -> Colour:
        """Of the things along a road: grey tones mostly, dull colours often, strong ones now and then."""
        grey = self.uniform(0, 255)
        if self.chance(0.55):
            return self.near((grey,) * 3, 14)
        strength = self.random()
        b, g, r = (grey + strength * (self.uniform(0, 255) - grey) for _ in range(3))
        return (b, g, r)
