"""What light, weather and the camera make of a scene. Pictures are height × width × 3, 8 bits, blue first."""

import cv2
import numpy as np

from dice import Dice


def curve(picture: np.ndarray, gamma: float, gain: float, lift: float, tint: tuple[float, float, float]) -> np.ndarray:
    """Gamma, contrast about the middle, brightness and colour cast, by one table a channel."""
    level = (np.arange(256, dtype=np.float32) / 255) ** gamma * 255
    table = ((level - 128) * gain + 128 + lift)[:, None] + np.array(tint, np.float32)
    return cv2.LUT(picture, np.clip(table, 0, 255).astype(np.uint8).reshape(1, 256, 3))


def darken(picture: np.ndarray, to: float) -> np.ndarray:
    """Night falls on everything that has no light of its own."""
    return curve(picture, 1.2, to, (to - 1) * 128, (0, 0, 0))


def glow(dice: Dice, picture: np.ndarray, at: tuple[float, float], radius: float, strength: float) -> None:
    """The halo of a lamp, added to what is there."""
    height, width = picture.shape[:2]
    x0, y0 = (max(0, int(c - 3 * radius)) for c in at)
    x1, y1 = min(width, int(at[0] + 3 * radius) + 1), min(height, int(at[1] + 3 * radius) + 1)
    if x1 <= x0 or y1 <= y0:
        return
    dx = (np.arange(x0, x1, dtype=np.float32) - at[0]) / radius
    dy = (np.arange(y0, y1, dtype=np.float32) - at[1]) / radius
    far = dx[None, :] ** 2 + dy[:, None] ** 2
    light = (np.exp(-far) + 0.25 * np.exp(-far / 4)) * strength
    tint = np.array(dice.near((215, 235, 245), 20), np.float32) / 255
    part = picture[y0:y1, x0:x1]
    np.copyto(part, np.clip(part + light[..., None] * tint, 0, 255), casting='unsafe')


def shadow(dice: Dice, picture: np.ndarray) -> np.ndarray:
    """The shadow of a tree, a mast or a vehicle, with a hard or a soft edge."""
    height, width = picture.shape[:2]
    x0 = dice.uniform(-0.5, 1) * width
    x1 = x0 + dice.uniform(0.15, 1.2) * width
    lean = dice.uniform(-0.5, 0.5) * width
    points = np.array([[x0, 0], [x1, 0], [x1 + lean, height], [x0 + lean, height]])
    if dice.chance(0.4):
        points = points[:, ::-1] * [width / height, height / width]
    mask = np.full((height, width), 255, np.uint8)
    cv2.fillPoly(mask, [points.astype(np.int32)], dice.uniform(70, 200), cv2.LINE_AA)
    if dice.chance(0.7):
        side = dice.choice([3, 5, 9, 15])
        mask = cv2.blur(mask, (side, side))
    return cv2.multiply(picture, cv2.merge([mask] * 3), scale=1 / 255)


def rain(dice: Dice, picture: np.ndarray) -> np.ndarray:
    """Streaks that lean one way, over a veil that takes the contrast."""
    height, width = picture.shape[:2]
    layer = np.zeros((height, width), np.uint8)
    length, lean = dice.uniform(6, 34), dice.uniform(-0.4, 0.4)
    for _ in range(round(dice.uniform(0.0004, 0.003) * height * width)):
        x, y = dice.uniform(-5, width), dice.uniform(-length, height)
        end = (int(x + lean * length), int(y + length * dice.uniform(0.5, 1)))
        cv2.line(layer, (int(x), int(y)), end, dice.uniform(25, 120), 1, cv2.LINE_AA)
    veiled = curve(picture, 1, dice.uniform(0.55, 0.95), dice.uniform(-10, 30), (0, 0, 0))
    return cv2.add(veiled, cv2.merge([cv2.blur(layer, (2, 2))] * 3))


def motion(dice: Dice, picture: np.ndarray, longest: float) -> np.ndarray:
    """A vehicle that moves while the shutter is open, mostly sideways; `longest` pixels at most."""
    length = dice.uniform(1.5, max(1.6, longest))
    angle = dice.gauss(0, 0.3) if dice.chance(0.7) else dice.uniform(0, np.pi)
    side = int(length) // 2 * 2 + 3
    kernel = np.zeros((side, side), np.float32)
    steps = 4 * side
    for t in np.linspace(-length / 2, length / 2, steps):
        x, y = side / 2 - 0.5 + t * np.cos(angle), side / 2 - 0.5 + t * np.sin(angle)
        i, j = int(x), int(y)
        a, b = x - i, y - j
        kernel[j : j + 2, i : i + 2] += [[(1 - a) * (1 - b), a * (1 - b)], [(1 - a) * b, a * b]]
    return cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)


def focus(dice: Dice, picture: np.ndarray, smallest: float) -> np.ndarray:
    """Out of focus, moved, sharpened, or enlarged from fewer pixels; `smallest` is the least plate's width."""
    kind = dice.weighted({'sharp': 3.5, 'soft': 3, 'motion': 2, 'sharpened': 1, 'enlarged': 1.2})
    limit = min(1.0, smallest / 70)
    if kind == 'soft':
        return cv2.GaussianBlur(picture, (0, 0), dice.uniform(0.3, 0.5 + 1.3 * limit))
    if kind == 'motion':
        return motion(dice, picture, min(15, 0.22 * smallest))
    if kind == 'sharpened':
        soft = cv2.GaussianBlur(picture, (0, 0), dice.uniform(0.7, 1.6))
        amount = dice.uniform(0.4, 1.6)
        return cv2.addWeighted(picture, 1 + amount, soft, -amount, 0)
    if kind == 'enlarged':
        height, width = picture.shape[:2]
        share = dice.uniform(1 - 0.55 * limit, 0.95)
        down = dice.choice([cv2.INTER_AREA, cv2.INTER_LINEAR])
        small = cv2.resize(picture, None, fx=share, fy=share, interpolation=down)
        return cv2.resize(small, (width, height), interpolation=dice.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC]))
    return picture


def expose(dice: Dice, picture: np.ndarray, night: bool) -> np.ndarray:
    if dice.chance(0.75):
        gamma, gain = np.exp(dice.uniform(-0.55, 0.55)), dice.uniform(0.5, 1.3)
        lift, cast = dice.uniform(-30, 30), (18 if dice.chance(0.85) else 60)
        tint = tuple(dice.uniform(-cast, cast) for _ in range(3))
        picture = curve(picture, gamma, gain, 0 if night else lift, tint if not night else (0, 0, 0))
    if dice.chance(0.12):
        # Infrared and old cameras: one grey, mixed differently by each.
        mix = dice.arrays.dirichlet([2, 2, 2]).astype(np.float32)
        picture = cv2.transform(picture, np.tile(mix, (3, 1)))
    return picture


class Camera:
    """Keeps a sheet of noise, because drawing fresh normal numbers for each picture would take most of the time."""

    def __init__(self, dice: Dice) -> None:
        self.noise = dice.arrays.standard_normal((800, 1400, 3), np.float32)

    def grain(self, dice: Dice, picture: np.ndarray, sigma: float) -> np.ndarray:
        height, width = picture.shape[:2]
        y, x = dice.randint(0, 800 - height), dice.randint(0, 1400 - width)
        sheet = self.noise[y : y + height, x : x + width]
        if dice.chance(0.4):
            sheet = cv2.merge([np.ascontiguousarray(sheet[..., 0])] * 3)
        return cv2.add(picture, (sheet * sigma).astype(np.int16), dtype=cv2.CV_8U)

    def take(self, dice: Dice, picture: np.ndarray, night: bool, smallest: float) -> np.ndarray:
        if dice.chance(0.1):
            picture = rain(dice, picture)
        picture = focus(dice, picture, smallest)
        picture = expose(dice, picture, night)
        if dice.chance(0.85 if night else 0.5):
            picture = self.grain(dice, picture, dice.uniform(1, 16 if night else 9))
        if dice.chance(0.5):
            quality = dice.randint(25, 95)
            packed = cv2.imencode('.jpg', picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            picture = cv2.imdecode(packed, cv2.IMREAD_COLOR)
        return picture
