"""Composes a scene: background, things that are no plates, vehicles, plates, light, camera."""

from dataclasses import dataclass

import cv2
import numpy as np

from camera import Camera, darken, glow, shadow
from dice import Dice
from glyphs import Glyphs, draw_phrases
from plates import KINDS, Plate, draw_plate
from scenery import PHRASES, Scenery, draw_background
from vehicles import Pose, any_pose, draw_vehicle

NARROWEST, WIDEST = 14, 220


@dataclass(frozen=True)
class Label:
    kind: str
    lines: int
    corners: np.ndarray  # 4 × 2 pixels: top left, top right, bottom right, bottom left of the plate itself.
    width: float  # Mean of the upper and lower side, pixels.


@dataclass(frozen=True)
class Scene:
    picture: np.ndarray  # height × width × 3, 8 bits, RED first, as the product has pictures.
    labels: list[Label]
    light: str  # 'day' | 'night'


def corners_of(size: tuple[int, int], frame_mm: float = 0.0) -> np.ndarray:
    """Of a plate about its centre, mm."""
    w, h = size[0] / 2 + frame_mm, size[1] / 2 + frame_mm
    return np.array([[-w, -h], [w, -h], [w, h], [-w, h]])


class Studio:
    """Everything that is made once: glyphs, phrases, noise."""

    def __init__(self, seed: int) -> None:
        dice = Dice(seed)
        self.glyphs = Glyphs()
        self.scenery = Scenery(draw_phrases(dice, PHRASES))
        self.camera = Camera(dice)

    def scene(self, dice: Dice, width: int, height: int, kind: str | None = None, empty: bool = False) -> Scene:
        """At most three plates, of any kind or all of one; `empty`: none."""
        picture = draw_background(dice, width, height)
        area = width * height / 65536
        self.scenery.clutter(dice, picture, round(dice.randint(2, 14) * area**0.7))
        night = dice.chance(0.2)
        count = 0 if empty else dice.weighted({0: 0 if kind else 15, 1: 45, 2: 28, 3: 12})
        placed = self._place(dice, picture, count, kind)
        if dice.chance(0.35):
            self.scenery.clutter(dice, picture, dice.randint(1, 3))
        for plate, pose in placed:
            if dice.chance(0.65):
                draw_vehicle(dice, self.scenery, picture, pose, plate.kind)
        if not placed and dice.chance(0.6):
            self._vehicle_without_plate(dice, picture)
        if dice.chance(0.25):
            self.scenery.clutter(dice, picture, dice.randint(1, 2))
        if night:
            picture = darken(picture, dice.log_uniform(0.05, 0.45))
        labels = [self._mount(dice, picture, plate, pose, night) for plate, pose in placed]
        picture = self._light(dice, picture, labels, night)
        if dice.chance(0.15):
            self._overlay(dice, picture, labels)
        smallest = min((label.width for label in labels), default=60.0)
        picture = self.camera.take(dice, picture, night, smallest)
        return Scene(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), labels, 'night' if night else 'day')

    def _place(self, dice: Dice, picture: np.ndarray, count: int, kind: str | None) -> list[tuple[Plate, Pose]]:
        """Plates that lie wholly in the picture, none over another."""
        height, width = picture.shape[:2]
        placed: list[tuple[Plate, Pose]] = []
        taken: list[np.ndarray] = []
        for _ in range(count):
            plate = draw_plate(dice, self.glyphs, kind)
            # Half of them small: these are the ones that are hard, and that a road shows first.
            pixels = dice.log_uniform(NARROWEST, 60 if dice.chance(0.35) else WIDEST)
            pixels *= 0.5 + 0.5 * plate.size[0] / 440
            pose = any_pose(dice, plate.size[0], max(pixels, NARROWEST), (0, 0))
            quad = pose.project(corners_of(plate.size, 15))
            low, high = quad.min(0), quad.max(0)
            room = np.array([width, height]) - (high - low) - 4
            if (room <= 0).any():
                continue
            shift = 2 - low + room * [dice.random(), dice.random()]
            box = np.concatenate([low, high]) + np.tile(shift, 2)
            margin = 8 + 0.1 * (high - low)[0]
            if any((box[:2] < t[2:] + margin).all() and (box[2:] > t[:2] - margin).all() for t in taken):
                continue
            taken.append(box)
            placed.append((plate, Pose(pose.turn, pose.distance, pose.scale, (shift[0], shift[1]))))
        return placed

    def _vehicle_without_plate(self, dice: Dice, picture: np.ndarray) -> None:
        height, width = picture.shape[:2]
        centre = (dice.uniform(0, width), dice.uniform(0, height))
        pose = any_pose(dice, 440, dice.log_uniform(NARROWEST, WIDEST), centre)
        draw_vehicle(dice, self.scenery, picture, pose, dice.choice(list(KINDS)))

    def _mount(self, dice: Dice, picture: np.ndarray, plate: Plate, pose: Pose, night: bool) -> Label:
        """Lays the plate into the picture. At night it is the brightest thing about, because it throws light back."""
        art = plate.picture
        gain = dice.uniform(0.45, 1.6) if night else dice.uniform(0.6, 1.12)
        art = cv2.convertScaleAbs(art, alpha=gain, beta=dice.uniform(0, 40) if night else 0)
        if dice.chance(0.12):
            at = (dice.uniform(0, art.shape[1]), dice.uniform(0, art.shape[0]))
            glow(dice, art, at, dice.uniform(8, 40), dice.uniform(60, 220))
        frame_mm = plate.frame * plate.size[0] / (art.shape[1] - 2 * plate.frame)
        lay(picture, art, pose.project(corners_of(plate.size, frame_mm)))
        corners = pose.project(corners_of(plate.size))
        sides = np.linalg.norm(corners[[1, 2]] - corners[[0, 3]], axis=1)
        return Label(plate.kind, plate.lines, corners, float(sides.mean()))

    def _light(self, dice: Dice, picture: np.ndarray, labels: list[Label], night: bool) -> np.ndarray:
        height, width = picture.shape[:2]
        if not night and dice.chance(0.25):
            picture = shadow(dice, picture)
        for _ in range(dice.choice([0, 1, 2, 2, 3]) if night else int(dice.chance(0.08))):
            at = (dice.uniform(0, width), dice.uniform(0, height))
            radius = dice.log_uniform(3, 30)
            if labels and dice.chance(0.7):
                # Headlamps stand one or two plate widths beside the plate, a little above it.
                label = dice.choice(labels)
                x, y = label.corners.mean(0)
                x += dice.choice([-1, 1]) * label.width * dice.uniform(0.9, 1.9)
                at = (x, y - label.width * dice.uniform(-0.1, 0.6))
                radius = label.width * dice.uniform(0.08, 0.3)
            glow(dice, picture, at, radius, dice.uniform(120, 330))
        return picture

    def _overlay(self, dice: Dice, picture: np.ndarray, labels: list[Label]) -> None:
        """The camera's own text, unless it would cover a plate."""
        before = picture.copy()
        self.scenery.overlay(dice, picture)
        changed = (picture != before).any(axis=2)
        for label in labels:
            (x0, y0), (x1, y1) = label.corners.min(0).astype(int), label.corners.max(0).astype(int) + 1
            if changed[max(0, y0) : y1, max(0, x0) : x1].any():
                np.copyto(picture, before)
                return


def lay(picture: np.ndarray, art: np.ndarray, quad: np.ndarray) -> None:
    """
    Warps `art` onto the quadrilateral (4 × 2 pixels), in place. Small ones are drawn several times as large and
    averaged down, as a lens would do; else strokes thinner than a pixel come and go.
    """
    low = np.maximum(np.floor(quad.min(0)).astype(int) - 1, 0)
    high = np.minimum(np.ceil(quad.max(0)).astype(int) + 2, [picture.shape[1], picture.shape[0]])
    width = float(np.linalg.norm(quad[1] - quad[0]))
    finer = 4 if width < 50 else 2
    share = min(1.0, 1.3 * finer * width / art.shape[1])
    if share < 1:
        art = cv2.resize(art, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    h, w = art.shape[:2]
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32) - 0.5
    target = ((quad - low) * finer - 0.5).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    size = (high - low) * finer
    size = (int(size[0]), int(size[1]))
    warped = cv2.warpPerspective(art, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros(size[::-1], np.uint8)
    cv2.fillPoly(mask, [np.round(target * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    part = picture[low[1] : high[1], low[0] : high[0]]
    smaller = (part.shape[1], part.shape[0])
    warped = cv2.resize(warped, smaller, interpolation=cv2.INTER_AREA)
    cover = cv2.resize(mask, smaller, interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] * (1 / 255)
    np.copyto(part, part * (1 - cover) + warped * cover, casting='unsafe')
