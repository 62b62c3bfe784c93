"""Simple fronts and rears of vehicles about a plate, in millimetres from its centre, laid down by its pose."""

from dataclasses import dataclass

import cv2
import numpy as np

from dice import Colour, Dice
from plates import WHITE, YELLOW
from scenery import Scenery

RED_LAMP, AMBER, DARK = (40, 35, 190), (30, 130, 235), (30, 30, 32)
BODIES = [(240,) * 3, (190,) * 3, (120,) * 3, (35,) * 3, (60, 30, 25), (40, 35, 150), (150, 80, 30)]


@dataclass(frozen=True)
class Pose:
    """Where the plane of a plate stands before the camera."""

    turn: np.ndarray  # 3 × 3, plane to camera.
    distance: float  # mm; the nearer, the stronger the perspective.
    scale: float  # Pixels a millimetre at the plate's centre.
    centre: tuple[float, float]

    def project(self, points: np.ndarray) -> np.ndarray:
        """Points of the plane (n × 2, mm) to pixels (n × 2)."""
        turned = points @ self.turn[:, :2].T
        depth = np.maximum(self.distance + turned[:, 2:], 0.25 * self.distance)
        return turned[:, :2] * (self.distance / depth) * self.scale + np.array(self.centre)


def any_pose(dice: Dice, width_mm: float, width: float, centre: tuple[float, float]) -> Pose:
    """Mostly nearly from ahead, now and then from far to the side, from above, or with a camera that hangs askew."""
    yaw = dice.uniform(-60, 60) if dice.chance(0.2) else dice.gauss(0, 22)
    pitch = dice.uniform(-10, 42) if dice.chance(0.3) else dice.gauss(6, 10)
    roll = dice.uniform(-20, 20) if dice.chance(0.15) else dice.gauss(0, 5)
    # A normal number has no bound, but nobody reads a plate from beyond these.
    angles = np.deg2rad(np.clip([pitch, yaw, roll], [-30, -62, -25], [42, 62, 25]))
    (sx, sy, sz), (cx, cy, cz) = np.sin(angles), np.cos(angles)
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    # The vehicle stands turned on the road, and the camera looks down at it: so its level edges slope in the picture.
    return Pose(about_z @ about_x @ about_y, dice.log_uniform(1200, 12000), width / width_mm, centre)


class Brush:
    """Draws shapes given in millimetres of the plate's plane."""

    def __init__(self, dice: Dice, scenery: Scenery, picture: np.ndarray, pose: Pose) -> None:
        self.dice, self.scenery, self.picture, self.pose = dice, scenery, picture, pose

    def polygon(self, points: list[tuple[float, float]], colour: Colour) -> None:
        pixels = self.pose.project(np.array(points, float)) * 8
        cv2.fillPoly(self.picture, [np.clip(pixels, -30000, 30000).astype(np.int32)], colour, cv2.LINE_AA, 3)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour, bevel: float = 0.0) -> None:
        """About (x, y); with a bevel the upper side is so much shorter at each end."""
        w, h = width / 2, height / 2
        self.polygon([(x - w + bevel, y - h), (x + w - bevel, y - h), (x + w, y + h), (x - w, y + h)], colour)

    def oval(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        angles = np.linspace(0, 2 * np.pi, 14, endpoint=False)
        self.polygon([(x + width / 2 * np.cos(a), y + height / 2 * np.sin(a)) for a in angles], colour)

    def write(self, x: float, y: float, height: float, colour: Colour) -> None:
        left, top = self.pose.project(np.array([[x, y]], float))[0]
        pixels = height * self.pose.scale
        if pixels > 3.5 and -50 < left < self.picture.shape[1] and -30 < top < self.picture.shape[0]:
            self.scenery.text(self.dice, self.picture, left, top, pixels, colour)


def draw_car(brush: Brush) -> None:
    dice = brush.dice
    body = dice.near(dice.choice(BODIES), 30)
    shade = dice.near(tuple(c * dice.uniform(0.4, 0.95) for c in body), 8)
    half = dice.uniform(780, 950)
    below = dice.uniform(150, 330)
    above = dice.uniform(450, 800)
    brush.box(0, below + 110, half * 2.1, 200, dice.near((25, 25, 25), 15))
    for side in (-1, 1):
        brush.box(side * half * 0.85, below + 60, 220, 380, dice.near((22, 22, 22), 10))
    brush.box(0, -above - 200, half * 1.6, 500, dice.near((60, 55, 50), 40), dice.uniform(60, 200))
    brush.box(0, (below - above) / 2, half * 2, below + above, body, dice.uniform(0, 120))
    brush.box(0, below - 60, half * 1.96, dice.uniform(40, 260), shade)
    if dice.chance(0.6):
        grille(brush)
    lamps(brush, half)
    if dice.chance(0.6):
        width, height = dice.uniform(480, 900), dice.uniform(160, 330)
        brush.box(0, dice.uniform(-25, 25), width, height, dice.choice([shade, DARK, body]))
    if dice.chance(0.6):
        badge = dice.uniform(70, 160)
        brush.oval(0, dice.uniform(-380, -180), badge, badge * 0.8, dice.near((200, 200, 200), 40))
    if dice.chance(0.45):
        side = dice.choice([-1, 1])
        x, y = side * dice.uniform(330, 600) - 100, dice.uniform(-260, -90)
        brush.write(x, y, dice.uniform(35, 80), dice.any_colour())
    seam = brush.pose.project(np.array([[-half, -above * 0.5], [half, -above * 0.5]])).astype(int)
    cv2.line(brush.picture, tuple(map(int, seam[0])), tuple(map(int, seam[1])), shade, 1, cv2.LINE_AA)


def grille(brush: Brush) -> None:
    """Bars above, below or behind the plate."""
    dice = brush.dice
    width, middle = dice.uniform(500, 1100), dice.choice([-240, 0, 130]) + dice.uniform(-40, 40)
    height = dice.uniform(100, 300)
    brush.box(0, middle, width, height, dice.near(DARK, 20), dice.uniform(-60, 60))
    bars = dice.randint(3, 9)
    colour = dice.near((dice.choice([60, 110, 200]),) * 3, 25)
    upright = dice.chance(0.4)
    for i in range(bars * 2 if upright else bars):
        if upright:
            brush.box(-width / 2 + width * (i + 0.5) / (bars * 2), middle, 16, height * 0.9, colour)
        else:
            brush.box(0, middle - height / 2 + height * (i + 0.5) / bars, width * 0.95, height / bars * 0.35, colour)


def lamps(brush: Brush, half: float) -> None:
    dice = brush.dice
    rear = dice.chance(0.5)
    outer = dice.near(RED_LAMP if rear else (225, 225, 215), 30)
    y, width, height = dice.uniform(-420, -120), dice.uniform(160, 340), dice.uniform(90, 260)
    for side in (-1, 1):
        draw = brush.oval if dice.chance(0.4) else brush.box
        draw(side * (half - width / 2), y, width, height, outer)
        brush.oval(side * (half - width * 0.6), y, width * 0.4, height * 0.5, dice.near(AMBER if rear else DARK, 30))


def draw_lorry(brush: Brush) -> None:
    """The rear of a box or a tipper: a big board with lettering, a beam with lamps and red-white tape, wheels."""
    dice = brush.dice
    body = dice.any_colour()
    half, top = dice.uniform(1000, 1250), -dice.uniform(900, 2600)
    low = dice.uniform(-260, -90)
    brush.box(0, 480, half * 2, 260, dice.near((24, 24, 24), 12))
    for side in (-1, 1):
        brush.box(side * half * 0.75, 350, 480, 560, dice.near((20, 20, 20), 10))
    brush.box(0, (top + low) / 2, half * 2, low - top, body)
    for i in range(dice.randint(0, 12)):
        x = -half + 2 * half * (i + 0.5) / 12
        brush.box(x, (top + low) / 2, 22, low - top, dice.near(tuple(c * 0.75 for c in body), 6))
    ink = dice.choice([WHITE, YELLOW, DARK, RED_LAMP])
    y = low - dice.uniform(150, 500)
    for _ in range(dice.randint(0, 4)):
        size = dice.uniform(90, 380)
        brush.write(-half * dice.uniform(0.2, 0.9), y - size, size, ink)
        y -= size * 1.5
    brush.box(0, 0, half * 1.9, dice.uniform(120, 320), dice.near(DARK, 30))
    if dice.chance(0.7):
        w = half * 2 / 16
        for i in range(16):
            brush.box(-half + w * (i + 0.5), low + 40, w, dice.uniform(45, 60), (RED_LAMP, WHITE)[i % 2])
    for side in (-1, 1):
        for i in range(dice.randint(1, 3)):
            brush.box(side * (half - 150 - 170 * i), 20, 150, 120, dice.near(dice.choice([RED_LAMP, AMBER, WHITE]), 25))


def draw_motorcycle(brush: Brush) -> None:
    """From behind: lamp and mudguard above and about the plate, the wheel below, the rider above all."""
    dice = brush.dice
    dark = dice.near(DARK, 18)
    brush.box(0, 330, 130, 620, dice.near((18, 18, 18), 8))
    brush.box(0, -20, dice.uniform(230, 330), dice.uniform(200, 340), dark, dice.uniform(0, 60))
    brush.box(0, -420, dice.uniform(320, 620), 560, dice.any_colour(), dice.uniform(20, 120))
    brush.oval(0, -170, dice.uniform(120, 220), dice.uniform(70, 120), dice.near(RED_LAMP, 30))
    for side in (-1, 1):
        brush.oval(side * dice.uniform(200, 300), -150, 70, 60, dice.near(AMBER, 30))
        brush.box(side * dice.uniform(230, 330), -560, 40, 300, dark)
    if dice.chance(0.6):
        brush.oval(0, -900, dice.uniform(380, 560), 800, dice.any_colour())


def draw_vehicle(dice: Dice, scenery: Scenery, picture: np.ndarray, pose: Pose, plate_kind: str) -> None:
    brush = Brush(dice, scenery, picture, pose)
    if plate_kind.startswith('motorcycle'):
        draw_motorcycle(brush)
    elif dice.chance({'yellow two lines': 0.85, 'trailer': 1, 'yellow': 0.5}.get(plate_kind, 0.06)):
        draw_lorry(brush)
    else:
        draw_car(brush)
