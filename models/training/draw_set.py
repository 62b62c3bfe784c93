"""Draws a set to measure on, as PNG files with labels.csv. Another seed than training's gives scenes unseen by it."""

import argparse
import csv
from pathlib import Path

import cv2
import numpy as np

from dice import Dice
from plates import KINDS
from scene import Studio

WIDTH, HEIGHT = 640, 368


def corners_text(corners: np.ndarray) -> str:
    """Bottom right, bottom left, top left, top right: the order of CCPD's file names."""
    return ' '.join(f'{x:.2f},{y:.2f}' for x, y in corners[[2, 3, 0, 1]])


def draw(folder: Path, count: int, seed: int) -> None:
    """Every kind gets the same share of the scenes; one scene in five has no plate."""
    folder.mkdir(parents=True, exist_ok=True)
    studio, dice = Studio(seed), Dice(seed)
    kinds = list(KINDS)
    with open(folder / 'labels.csv', 'w', newline='', encoding='utf-8') as file:
        rows = csv.writer(file)
        rows.writerow(['file', 'kind', 'lines', 'light', 'corners_br_bl_tl_tr'])
        for i in range(count):
            kind = None if i % 5 == 0 else kinds[i % len(kinds)]
            scene = studio.scene(dice, WIDTH, HEIGHT, kind, empty=kind is None)
            name = f'{i:05}.png'
            cv2.imwrite(str(folder / name), cv2.cvtColor(scene.picture, cv2.COLOR_RGB2BGR))
            if not scene.labels:
                rows.writerow([name, 'none', '', scene.light, ''])
            for label in scene.labels:
                rows.writerow([name, label.kind, label.lines, scene.light, corners_text(label.corners)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder', type=Path)
    parser.add_argument('--count', type=int, default=1000)
    parser.add_argument('--seed', type=int, default=900_001)
    given = parser.parse_args()
    draw(given.folder, given.count, given.seed)


if __name__ == '__main__':
    main()
