"""
Everything along a road that is no plate. Much of it is drawn to be taken for one: signs in the colours of plates, text
of every kind, empty bars, grilles, rows of windows.
"""

import cv2
import numpy as np

from dice import Colour, Dice
from plates import BLACK, BLUE, GREEN, WHITE, YELLOW, blend

PLATE_COLOURS = [BLUE, BLUE, GREEN, YELLOW, WHITE, BLACK, (60, 40, 190), (30, 60, 90)]
PHRASES = 900


def draw_background(dice: Dice, width: int, height: int) -> np.ndarray:
    """A slope of two tones with texture: asphalt, walls, sky, trees."""
    first, second = dice.any_colour(), dice.any_colour()
    if dice.chance(0.5):
        second = dice.near(first, 50)
    down = dice.chance(0.7)
    share = np.linspace(0, 1, 32, dtype=np.float32)
    share = share[:, None, None] if down else share[None, :, None]
    slope = np.array(first, np.float32) * (1 - share) + np.array(second, np.float32) * share
    slope = cv2.resize(np.broadcast_to(slope, (32, 32, 3)).copy(), (width, height), interpolation=cv2.INTER_LINEAR)
    grain = texture(dice, width, height) * dice.uniform(2, 45)
    tint = np.array(dice.near((190, 190, 190), 60), np.float32) / 190
    return np.clip(slope + grain[..., None] * tint, 0, 255).astype(np.uint8)


def texture(dice: Dice, width: int, height: int) -> np.ndarray:
    """
    Noise of several sizes at once, about -1 to 1: much of the coarse looks like shade and clouds, much of the fine
    like leaves and gravel.
    """
    roughness = dice.uniform(0.35, 1.0)
    out = np.zeros((height, width), np.float32)
    side, strength = dice.choice([3, 5, 8]), 1.0
    while side < max(width, height) * dice.uniform(0.3, 1.0):
        cells = dice.arrays.standard_normal((max(1, side * height // width), side), np.float32) * (0.6 * strength)
        out += cv2.resize(cells, (width, height), interpolation=cv2.INTER_LINEAR)
        side, strength = side * 2, strength * roughness
    return out


class Scenery:
    """Draws one thing a call into a picture. Keeps the phrases, which take longer to make than all the rest."""

    def __init__(self, phrases: list[np.ndarray]) -> None:
        self.phrases = phrases
        self.things = {
            self.polygon: 4, self.ellipse: 2, self.stripes: 3, self.box: 2, self.line: 2, self.bar: 2, self.sign: 4,
            self.lettering: 4, self.windows: 1, self.marking: 1.5, self.leaves: 2, self.road_sign: 1, self.checks: 0.7,
            self.lamp: 1.2, self.wheel: 0.8,
        }  # fmt: skip

    def clutter(self, dice: Dice, picture: np.ndarray, count: int) -> None:
        for _ in range(count):
            dice.weighted(self.things)(dice, picture)

    def text(self, dice: Dice, picture: np.ndarray, left: float, top: float, height: float, colour: Colour) -> float:
        """One phrase with its left upper corner there, squeezed or stretched a little; answers how wide it is."""
        mask = dice.choice(self.phrases)
        width = max(2, round(mask.shape[1] * height / mask.shape[0] * dice.uniform(0.75, 1.25)))
        mask = cv2.resize(mask, (width, max(3, round(height))), interpolation=cv2.INTER_AREA)
        x, y = round(left), round(top)
        mask = mask[max(0, -y) :, max(0, -x) :]
        part = picture[max(0, y) : max(0, y) + mask.shape[0], max(0, x) : max(0, x) + mask.shape[1]]
        if part.size:
            blend(part, mask[: part.shape[0], : part.shape[1]], colour)
        return width

    def lettering(self, dice: Dice, picture: np.ndarray) -> None:
        """One to four lines of text straight on what is there: lorries, walls, watermarks."""
        x, y = somewhere(dice, picture)
        size = dice.log_uniform(5, 34)
        colour = dice.any_colour() if dice.chance(0.6) else dice.near(dice.choice([WHITE, BLACK, YELLOW]), 20)
        for _ in range(dice.choice([1, 1, 2, 3, 4])):
            self.text(dice, picture, x, y, size, colour)
            y += size * dice.uniform(1.1, 1.7)

    def sign(self, dice: Dice, picture: np.ndarray) -> None:
        """A board with text on it, often in the colours and about the shape of a plate."""
        x, y = somewhere(dice, picture)
        size = dice.log_uniform(5, 30)
        lines = dice.choice([1, 1, 1, 2, 2, 3])
        ground = dice.near(dice.choice(PLATE_COLOURS), 40) if dice.chance(0.75) else dice.any_colour()
        ink = WHITE if sum(ground) < 330 else BLACK
        height, width = round(size * (1.35 * lines + 0.4)), round(size * dice.log_uniform(2.2, 14))
        board = np.full((height, width, 3), ground, np.uint8)
        if dice.chance(0.4):
            cv2.rectangle(board, (1, 1), (board.shape[1] - 2, board.shape[0] - 2), ink, 1)
        for i in range(lines):
            left = size * dice.uniform(0.2, 1.2)
            while left < board.shape[1] - size * 1.5:
                left += self.text(dice, board, left, size * (0.3 + 1.35 * i), size, dice.near(ink, 25)) + size
                if dice.chance(0.6):
                    break
        paste(dice, picture, board, x, y)

    def bar(self, dice: Dice, picture: np.ndarray) -> None:
        """An empty plate holder, a reflector, a painted bar: the colour and shape of a plate, and nothing on it."""
        width = round(dice.log_uniform(14, 170))
        ground = dice.near(dice.choice(PLATE_COLOURS), 45)
        bar = np.full((max(4, round(width / dice.uniform(1.5, 4.5))), width, 3), ground, np.uint8)
        if dice.chance(0.4):
            cv2.rectangle(bar, (1, 1), (width - 2, bar.shape[0] - 2), dice.any_colour(), 1)
        paste(dice, picture, bar, *somewhere(dice, picture))

    def polygon(self, dice: Dice, picture: np.ndarray) -> None:
        x, y = somewhere(dice, picture)
        points = [[x + dice.randint(-90, 90), y + dice.randint(-70, 70)] for _ in range(dice.randint(3, 6))]
        cv2.fillPoly(picture, [np.array(points)], dice.any_colour(), cv2.LINE_AA)

    def ellipse(self, dice: Dice, picture: np.ndarray) -> None:
        axes = (dice.randint(3, 60), dice.randint(3, 40))
        thickness = -1 if dice.chance(0.6) else dice.randint(1, 5)
        turn = dice.uniform(0, 180)
        cv2.ellipse(picture, somewhere(dice, picture), axes, turn, 0, 360, dice.any_colour(), thickness, cv2.LINE_AA)

    def stripes(self, dice: Dice, picture: np.ndarray) -> None:
        """Grilles, kerbs, shutters, fences."""
        x, y = somewhere(dice, picture)
        colour, step, length = dice.any_colour(), dice.randint(3, 14), dice.randint(15, 170)
        thickness = dice.randint(1, max(1, step // 2))
        upright = dice.chance(0.45)
        for i in range(dice.randint(3, 16)):
            lean = dice.randint(-1, 1)
            start, end = ((x + i * step, y), (x + i * step + lean, y + length // 2))
            if not upright:
                start, end = ((x, y + i * step), (x + length, y + i * step + lean))
            cv2.line(picture, start, end, colour, thickness, cv2.LINE_AA)

    def box(self, dice: Dice, picture: np.ndarray) -> None:
        x, y = somewhere(dice, picture)
        end = (x + dice.randint(6, 160), y + dice.randint(5, 80))
        cv2.rectangle(picture, (x, y), end, dice.any_colour(), -1 if dice.chance(0.6) else dice.randint(1, 4))

    def line(self, dice: Dice, picture: np.ndarray) -> None:
        ends = somewhere(dice, picture), somewhere(dice, picture)
        cv2.line(picture, *ends, dice.any_colour(), dice.randint(1, 6), cv2.LINE_AA)

    def windows(self, dice: Dice, picture: np.ndarray) -> None:
        """The front of a house: rows of dark or bright panes."""
        x, y = somewhere(dice, picture)
        w, h = dice.randint(3, 16), dice.randint(3, 16)
        gap = dice.randint(2, 6)
        colour = dice.near((dice.uniform(10, 230),) * 3, 25)
        for i in range(dice.randint(3, 12)):
            for j in range(dice.randint(1, 5)):
                left, top = x + i * (w + gap), y + j * (h + gap)
                cv2.rectangle(picture, (left, top), (left + w, top + h), colour, -1)

    def marking(self, dice: Dice, picture: np.ndarray) -> None:
        """Paint on the road: long bright quadrilaterals, dashes, arrows."""
        x, y = somewhere(dice, picture)
        colour = dice.near(dice.choice([WHITE, WHITE, YELLOW]), 25)
        dx, dy, w = dice.randint(-120, 120), dice.randint(-60, 60), dice.randint(2, 14)
        for i in range(dice.choice([1, 1, 3, 5])):
            at = np.array([x + i * dx * 1.5, y + i * dy * 1.5])
            points = [at, at + [dx, dy], at + [dx + w, dy + w // 2], at + [w, w // 2]]
            cv2.fillPoly(picture, [np.array(points).astype(np.int32)], colour, cv2.LINE_AA)

    def leaves(self, dice: Dice, picture: np.ndarray) -> None:
        """A patch of fine strong texture: trees, gravel, grass."""
        x, y = somewhere(dice, picture)
        part = picture[max(0, y) : max(0, y) + dice.randint(20, 120), max(0, x) : max(0, x) + dice.randint(20, 160)]
        if not part.size:
            return
        grain = texture(dice, part.shape[1], part.shape[0]) * dice.uniform(60, 200) + dice.uniform(0, 200)
        mask = np.clip(grain, 0, 255).astype(np.uint8)
        greens = [(30, 90, 40), (40, 60, 60), (70, 160, 120), (20, 25, 20), (220, 220, 220)]
        blend(part, mask, dice.near(dice.choice(greens), 30))

    def lamp(self, dice: Dice, picture: np.ndarray) -> None:
        """A headlamp from near: shapes of glass and chrome inside one another, with bright spots."""
        x, y = somewhere(dice, picture)
        w, h = dice.randint(8, 60), dice.randint(5, 36)
        turn = dice.gauss(0, 20)
        for i in range(dice.randint(2, 5)):
            share = 1 - i * dice.uniform(0.15, 0.3)
            if share <= 0.1:
                break
            at = (x + dice.randint(-w // 4, w // 4) * min(i, 1), y)
            tone = dice.near((dice.choice([30, 90, 170, 235]),) * 3, 25)
            cv2.ellipse(picture, at, (int(w * share), int(h * share)), turn, 0, 360, tone, -1, cv2.LINE_AA)
        for _ in range(dice.randint(0, 4)):
            at = (x + dice.randint(-w // 2, w // 2), y + dice.randint(-h // 2, h // 2))
            cv2.circle(picture, at, dice.randint(1, 4), dice.near((240, 245, 245), 12), -1, cv2.LINE_AA)

    def wheel(self, dice: Dice, picture: np.ndarray) -> None:
        at = somewhere(dice, picture)
        radius = dice.randint(8, 60)
        narrow = dice.uniform(0.35, 1)
        tyre = dice.near((25, 25, 25), 15)
        cv2.ellipse(picture, at, (int(radius * narrow), radius), 0, 0, 360, tyre, -1, cv2.LINE_AA)
        rim = dice.near((150, 150, 150), 60)
        cv2.ellipse(picture, at, (int(radius * narrow * 0.65), int(radius * 0.65)), 0, 0, 360, rim, 2, cv2.LINE_AA)
        spokes = dice.randint(5, 16)
        start = dice.random()
        for i in range(spokes):
            angle = 2 * np.pi * (i + start) / spokes
            end = (int(at[0] + np.cos(angle) * radius * narrow * 0.65), int(at[1] + np.sin(angle) * radius * 0.65))
            cv2.line(picture, at, end, rim, max(1, radius // 14), cv2.LINE_AA)

    def road_sign(self, dice: Dice, picture: np.ndarray) -> None:
        """Round or on a pole, blue, green or white with a thick rim."""
        x, y = somewhere(dice, picture)
        radius = dice.randint(5, 40)
        ground = dice.near(dice.choice([BLUE, GREEN, WHITE, YELLOW]), 30)
        cv2.circle(picture, (x, y), radius, ground, -1, cv2.LINE_AA)
        rim = dice.choice([WHITE, (40, 30, 200)])
        cv2.circle(picture, (x, y), radius, rim, max(1, radius // 6), cv2.LINE_AA)
        self.text(dice, picture, x - radius * 0.8, y - radius * 0.4, radius * 0.8, WHITE if ground[2] < 130 else BLACK)

    def checks(self, dice: Dice, picture: np.ndarray) -> None:
        """Red and white, or yellow and black, bars side by side: reflective tape of lorries, bollards, police tape."""
        x, y = somewhere(dice, picture)
        first, second = dice.choice([((50, 40, 190), WHITE), (YELLOW, BLACK), (BLUE, WHITE)])
        w, h = dice.randint(4, 22), dice.randint(3, 12)
        for i in range(dice.randint(3, 14)):
            colour = dice.near((first, second)[i % 2], 15)
            cv2.rectangle(picture, (x + i * w, y), (x + i * w + w - 1, y + h), colour, -1)

    def overlay(self, dice: Dice, picture: np.ndarray) -> None:
        """What a camera writes into its picture: time and place along the edges."""
        height, width = picture.shape[:2]
        size = dice.uniform(6, 16)
        colour = dice.choice([WHITE, WHITE, YELLOW, (80, 220, 80)])
        for _ in range(dice.choice([1, 1, 2])):
            top = dice.choice([dice.uniform(0, 12), height - size - dice.uniform(2, 14)])
            left = dice.uniform(0, width * 0.6)
            state = dice.getstate()
            if dice.chance(0.6):
                self.text(dice, picture, left + 1, top + 1, size, BLACK)
                # The same phrase again, over its own shadow.
                after = dice.getstate()
                dice.setstate(state)
                dice.chance(0.6)
                self.text(dice, picture, left, top, size, colour)
                dice.setstate(after)
            else:
                self.text(dice, picture, left, top, size, colour)


def somewhere(dice: Dice, picture: np.ndarray) -> tuple[int, int]:
    height, width = picture.shape[:2]
    return dice.randint(-30, width + 10), dice.randint(-20, height + 10)


def paste(dice: Dice, picture: np.ndarray, board: np.ndarray, x: int, y: int) -> None:
    """Puts a board into the picture, leaning and foreshortened a little."""
    h, w = board.shape[:2]
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    slope = dice.gauss(0, 0.12)
    target = corners * [dice.uniform(0.6, 1.0), 1]
    target[:, 1] += target[:, 0] * slope
    target += dice.arrays.normal(0, 0.02, (4, 2)) * h + [x, y]
    low = np.maximum(np.floor(target.min(0)).astype(int), 0)
    high = np.minimum(np.ceil(target.max(0)).astype(int) + 1, [picture.shape[1], picture.shape[0]])
    if (high - low < 2).any():
        return
    part = picture[low[1] : high[1], low[0] : high[0]]
    matrix = cv2.getPerspectiveTransform(corners, (target - low).astype(np.float32))
    size = (part.shape[1], part.shape[0])
    warped = cv2.warpPerspective(board, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpPerspective(np.full((h, w), 255, np.uint8), matrix, size, flags=cv2.INTER_LINEAR)
    np.copyto(part, warped, where=mask[..., None] > 127)
