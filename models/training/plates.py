"""Chinese number plates seen from straight ahead: every kind, sizes as GA 36-2018 has them, numbers of nobody."""

from dataclasses import dataclass
from typing import Callable

import cv2
import numpy as np

from dice import Colour, Dice
from glyphs import DIGITS, LETTERS, PROVINCES, Glyphs

# Pixels a millimetre: the largest plate of a scene is about as wide as this draws it.
SCALE = 0.5

BLUE, YELLOW, GREEN = (160, 65, 15), (20, 165, 225), (125, 200, 110)
WHITE, BLACK, RED = (235, 235, 235), (25, 22, 22), (35, 30, 200)

# A character's box in millimetres: left, top, width, height.
CharBox = tuple[float, float, float, float]


@dataclass(frozen=True)
class Kind:
    weight: float
    size: tuple[int, int]  # Width and height, mm.
    ground: Colour
    ink: Colour
    text: Callable[[Dice], str]
    boxes: list[CharBox]
    dot: tuple[float, float] | None = None
    # Characters that are red whatever the ink, by position.
    red: tuple[int, ...] = ()

    @property
    def lines(self) -> int:
        return 1 if self.boxes[0][1] == self.boxes[-1][1] else 2


@dataclass(frozen=True)
class Plate:
    kind: str
    lines: int
    picture: np.ndarray  # height × width × 3, blue first; frame included.
    frame: int  # Width of the frame around the plate, pixels of `picture`.
    size: tuple[int, int]  # Of the plate without frame, mm.


def tail(dice: Dice, count: int) -> str:
    """Digits with at most two letters among them, as they are given out; now and then anything."""
    if dice.chance(0.2):
        return ''.join(dice.some(DIGITS + LETTERS, count))
    out = dice.some(DIGITS, count)
    for at in dice.sample(range(count), dice.choice([0, 1, 1, 1, 2])):
        out[at] = dice.choice(LETTERS)
    return ''.join(out)


def region(dice: Dice) -> str:
    return dice.choice(PROVINCES) + dice.choice(LETTERS)


def standard(dice: Dice) -> str:
    return region(dice) + tail(dice, 5)


def ending(last: str) -> Callable[[Dice], str]:
    return lambda dice: region(dice) + tail(dice, 4) + dice.choice(last)


def small_electric(dice: Dice) -> str:
    """The first letter says electric (most are D) or other (F)."""
    return region(dice) + dice.choice('DDDFFABCEGHJK') + dice.choice(DIGITS + LETTERS) + digits(dice, 4)


def digits(dice: Dice, count: int) -> str:
    return ''.join(dice.some(DIGITS, count))


def row(lefts: list[float], top: float, width: float, height: float) -> list[CharBox]:
    return [(left, top, width, height) for left in lefts]


# 57 mm from character to character, 79 mm across the dot.
ONE_LINE = row([15.5, 72.5, *(151.5 + 57 * i for i in range(5))], 25, 45, 90)
NEW_ENERGY = row([15.0], 25, 45, 90) + row([69.0, *(161 + 52 * i for i in range(6))], 25, 43, 90)
TWO_LINES = row([110, 250], 15, 80, 60) + row([27.5 + 80 * i for i in range(5)], 90, 65, 110)
MOTORCYCLE = row([50, 128], 10, 42, 40) + row([13.5 + 40 * i for i in range(5)], 57, 33, 72)

CAR, TALL, ENERGY, SMALL = (440, 140), (440, 220), (480, 140), (220, 140)
DOT = (134.5, 70)

KINDS: dict[str, Kind] = {
    'blue': Kind(28, CAR, BLUE, WHITE, standard, ONE_LINE, DOT),
    'green small': Kind(11, ENERGY, GREEN, BLACK, small_electric, NEW_ENERGY),
    'green large': Kind(5, ENERGY, GREEN, BLACK, lambda d: region(d) + digits(d, 5) + d.choice('DF'), NEW_ENERGY),
    'yellow': Kind(8, CAR, YELLOW, BLACK, standard, ONE_LINE, DOT),
    'coach': Kind(3, CAR, YELLOW, BLACK, ending('学'), ONE_LINE, DOT),
    'yellow two lines': Kind(9, TALL, YELLOW, BLACK, standard, TWO_LINES, (220, 45)),
    'trailer': Kind(3, TALL, YELLOW, BLACK, ending('挂'), TWO_LINES, (220, 45)),
    'motorcycle yellow': Kind(6, SMALL, YELLOW, BLACK, standard, MOTORCYCLE, (110, 30)),
    'motorcycle blue': Kind(5, SMALL, BLUE, WHITE, standard, MOTORCYCLE, (110, 30)),
    'police': Kind(6, CAR, WHITE, BLACK, ending('警'), ONE_LINE, DOT, (6,)),
    'armed police': Kind(
        4, CAR, WHITE, BLACK, lambda d: f'WJ{d.choice(PROVINCES)}{tail(d, 4)}' + d.choice(DIGITS), ONE_LINE, DOT, (0, 1)
    ),
    'military': Kind(2, CAR, WHITE, BLACK, lambda d: ''.join(d.some(LETTERS, 2)) + tail(d, 5), ONE_LINE, DOT, (0, 1)),
    'black': Kind(3, CAR, BLACK, WHITE, standard, ONE_LINE, DOT),
    'Hong Kong, Macao': Kind(4, CAR, BLACK, WHITE, lambda d: f'粤Z{tail(d, 4)}{d.choice("港澳")}', ONE_LINE, DOT),
    'consulate': Kind(2, CAR, BLACK, WHITE, ending('领'), ONE_LINE, DOT, (6,)),
    'embassy': Kind(1, CAR, BLACK, WHITE, lambda d: '使' + digits(d, 6), ONE_LINE, DOT, (0,)),
}


def draw_plate(dice: Dice, glyphs: Glyphs, name: str | None = None) -> Plate:
    """A plate of the named kind, or of any, as it comes from the factory and after years on the road."""
    name = name or dice.weighted({k: v.weight for k, v in KINDS.items()})
    kind = KINDS[name]
    picture = ground_of(dice, name, kind)
    write(dice, glyphs, kind, picture)
    wear(dice, picture)
    frame = dice.randint(2, 8) if dice.chance(0.5) else 0
    if frame:
        colour = dice.near((dice.choice([20, 20, 60, 190]),) * 3, 20)
        picture = cv2.copyMakeBorder(picture, frame, frame, frame, frame, cv2.BORDER_CONSTANT, value=colour)
    return Plate(name, kind.lines, picture, frame, kind.size)


def ground_of(dice: Dice, name: str, kind: Kind) -> np.ndarray:
    width, height = (round(side * SCALE) for side in kind.size)
    colour = dice.near(kind.ground, 22 if kind.ground is BLACK else 38)
    picture = np.full((height, width, 3), colour, np.uint8)
    if name == 'green small' and dice.chance(0.9):
        # White at the top, green at the bottom.
        share = np.linspace(0, 1, height, dtype=np.float32)[:, None, None] ** dice.uniform(0.5, 1.8)
        top = np.array(dice.near((235, 240, 235), 15), np.float32)
        picture[:] = top * (1 - share) + np.array(colour, np.float32) * share
    if name == 'green large':
        # Yellow behind the region, green behind the rest.
        picture[:, : round(140 * SCALE)] = dice.near(YELLOW, 35)
    return picture


def write(dice: Dice, glyphs: Glyphs, kind: Kind, picture: np.ndarray) -> None:
    ink, red = dice.near(kind.ink, 35), dice.near(RED, 30)
    height, width = picture.shape[:2]
    masks = glyphs.draw(dice, kind.text(dice))
    text = np.zeros((2, height, width), np.uint8)
    drift = dice.uniform(-1, 1), dice.uniform(-1, 1)
    for i, (mask, (left, top, w, h)) in enumerate(zip(masks, kind.boxes)):
        box = cv2.resize(mask, (round(w * SCALE), round(h * SCALE)), interpolation=cv2.INTER_AREA)
        y, x = round(top * SCALE + drift[0]), round(left * SCALE + drift[1])
        target = text[int(i in kind.red), y : y + box.shape[0], x : x + box.shape[1]]
        np.copyto(target, box[: target.shape[0], : target.shape[1]])
    if kind.dot and dice.chance(0.9):
        cv2.circle(text[0], (round(kind.dot[0] * SCALE), round(kind.dot[1] * SCALE)), dice.randint(2, 3), 255, -1)
    if dice.chance(0.5 if kind.size == ENERGY else 0.85):
        inset = dice.randint(1, 3)
        cv2.rectangle(text[0], (inset, inset), (width - 1 - inset, height - 1 - inset), 255, dice.randint(1, 2))
    blend(picture, text[0], ink)
    if kind.red:
        blend(picture, text[1], red)


def blend(picture: np.ndarray, mask: np.ndarray, colour: Colour) -> None:
    """Paints `colour` where the mask (0..255) says so, in place."""
    share = mask.astype(np.float32)[..., None] * (1 / 255)
    np.copyto(picture, picture * (1 - share) + np.array(colour, np.float32) * share, casting='unsafe')


def wear(dice: Dice, picture: np.ndarray) -> None:
    """Bolts, dirt, scratches and the unevenness of light on a bent sheet."""
    height, width = picture.shape[:2]
    for _ in range(dice.choice([0, 2, 4])):
        at = (round(width * dice.choice([0.23, 0.77])) + dice.randint(-5, 5), dice.choice([7, height - 7]))
        cv2.circle(picture, at, dice.randint(2, 4), dice.near((dice.uniform(60, 220),) * 3, 10), -1)
    if dice.chance(0.25):
        spots = cv2.resize(dice.arrays.random((6, 14), np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        mud = (np.clip(spots - dice.uniform(0.3, 0.75), 0, 1) * dice.uniform(150, 500)).clip(0, 235).astype(np.uint8)
        blend(picture, mud, dice.near((70, 95, 115), 40))
    if dice.chance(0.35):
        across = np.linspace(dice.uniform(0.6, 1.25), dice.uniform(0.6, 1.25), width, dtype=np.float32)
        np.copyto(picture, np.clip(picture * across[None, :, None], 0, 255), casting='unsafe')
