"""Trains the plate finder on drawn scenes and exports it. See README.md for the command."""

import argparse
import copy
import math
import multiprocessing as mp
import time
from pathlib import Path
from queue import Empty

import cv2
import numpy as np
import torch

from dice import Dice
from net import OFFSET_CELLS, STRIDE, Finder, export, losses, parameters_of
from scene import Label, Studio

# Of a scene in pixels; plates up to 220 pixels wide just fit.
SIDE = 240
GRID = SIDE // STRIDE
BATCH = 16
PEAK_RATE = 3e-3
LOSS_WEIGHTS = torch.tensor([1.0, 8.0, 0.3])
# Cells with at least this much heat learn corners and lines.
NEAR_CENTRE = 0.35
EVERY = 200

# Pictures [B, 3, SIDE, SIDE] 8 bits; targets [B, 12, GRID, GRID]: heat, corners, weight, width, two lines.
Batch = tuple[np.ndarray, np.ndarray]


def targets_of(labels: list[Label]) -> np.ndarray:
    """Heat is a Gaussian about the centre, wide and low as plates are; where two meet, the nearer one stands."""
    out = np.zeros((12, GRID, GRID), np.float32)
    y, x = np.mgrid[0:GRID, 0:GRID].astype(np.float32)
    for label in labels:
        cells = label.corners / STRIDE - 0.5
        cx, cy = cells.mean(0)
        width = float(np.linalg.norm(cells[1] - cells[0] + cells[2] - cells[3])) / 2
        height = float(np.linalg.norm(cells[3] - cells[0] + cells[2] - cells[1])) / 2
        spread_x, spread_y = max(0.5, 0.12 * width), max(0.5, 0.2 * height)
        heat = np.exp(-((x - cx) ** 2 / (2 * spread_x**2) + (y - cy) ** 2 / (2 * spread_y**2)))
        heat[min(GRID - 1, max(0, round(cy))), min(GRID - 1, max(0, round(cx)))] = 1
        mine = (heat > NEAR_CENTRE) & (heat > out[0])
        out[0] = np.maximum(out[0], heat)
        for i, (px, py) in enumerate(cells):
            out[1 + 2 * i][mine] = (px - x[mine]) / OFFSET_CELLS
            out[2 + 2 * i][mine] = (py - y[mine]) / OFFSET_CELLS
        out[9][mine] = heat[mine]
        out[10][mine] = width
        out[11][mine] = label.lines - 1
    return out


def draw_batches(seed: int, queue: 'mp.Queue[Batch]') -> None:
    """A process of its own: draws until it is ended. Equal seeds give equal batches."""
    cv2.setNumThreads(1)
    studio, dice = Studio(seed), Dice(seed)
    while True:
        pictures = np.zeros((BATCH, 3, SIDE, SIDE), np.uint8)
        targets = np.zeros((BATCH, 12, GRID, GRID), np.float32)
        for i in range(BATCH):
            scene = studio.scene(dice, SIDE, SIDE)
            pictures[i], targets[i] = scene.picture.transpose(2, 0, 1), targets_of(scene.labels)
        queue.put((pictures, targets))


class Scenes:
    """Batches of several processes in turn, so that the order does not hang on which one is faster."""

    def __init__(self, seed: int, processes: int) -> None:
        self.queues = [mp.Queue(16) for _ in range(processes)]
        self.processes = [
            mp.Process(target=draw_batches, args=(seed * 1000 + i, queue), daemon=True)
            for i, queue in enumerate(self.queues)
        ]
        for process in self.processes:
            process.start()
        self.turn = 0

    def next(self) -> tuple[torch.Tensor, torch.Tensor]:
        at = self.turn % len(self.queues)
        self.turn += 1
        while True:
            try:
                pictures, targets = self.queues[at].get(timeout=5)
                return torch.from_numpy(pictures), torch.from_numpy(targets)
            except Empty:
                if not self.processes[at].is_alive():
                    raise RuntimeError(f'drawing process {at} ended; its error stands above') from None


def rate_at(step: int, steps: int) -> float:
    """A hundred steps up, then half a cosine down to a hundredth."""
    return PEAK_RATE * min(1, (step + 1) / 100) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def follow(average: Finder, net: Finder, step: int) -> None:
    """Moving average of the weights: steadier than the last step's own."""
    keep = min(0.998, (step + 1) / (step + 20))
    with torch.no_grad():
        for mean, value in zip(average.state_dict().values(), net.state_dict().values()):
            if mean.dtype.is_floating_point:
                mean.mul_(keep).add_(value, alpha=1 - keep)
            else:
                mean.copy_(value)


def train(scenes: int, seed: int, processes: int, start: Path | None, out: Path) -> None:
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    torch.manual_seed(seed)
    source = Scenes(seed, processes)
    net = Finder()
    if start:
        net.load_state_dict(torch.load(start))
    net = net.to(device, memory_format=torch.channels_last)
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=PEAK_RATE, weight_decay=1e-4)
    steps = scenes // BATCH
    print(f'{parameters_of(net)} parameters, {steps} steps of {BATCH} scenes, on {device}', flush=True)
    shown, began = torch.zeros(3), time.monotonic()
    for step in range(steps):
        for group in optimiser.param_groups:
            group['lr'] = rate_at(step, steps)
        pictures, targets = (t.to(device) for t in source.next())
        output = net((pictures.float() / 255).contiguous(memory_format=torch.channels_last))
        heat, corners, weight, width, two = targets.split([1, 8, 1, 1, 1], dim=1)
        parts = losses(output, heat, corners, weight, width, two)
        optimiser.zero_grad(set_to_none=True)
        (parts * LOSS_WEIGHTS.to(device)).sum().backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimiser.step()
        follow(average, net, step)
        shown += parts.detach().cpu() / EVERY
        if step % EVERY == EVERY - 1:
            minutes = (time.monotonic() - began) / 60
            print(f'{minutes:5.1f} min, step {step + 1}: ' + ' '.join(f'{v:.4f}' for v in shown.tolist()), flush=True)
            shown.zero_()
            torch.save(average.state_dict(), out.with_suffix('.pt'))
    torch.save(average.state_dict(), out.with_suffix('.pt'))
    export(average, out)
    print(f'wrote {out}', flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out', type=Path, help='the ONNX file to write; the weights go beside it as .pt')
    parser.add_argument('--scenes', type=int, default=200_000)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--start', type=Path, help='weights (.pt) to go on from')
    parser.add_argument('--processes', type=int, default=1, help='that draw; one is enough for one thread that learns')
    parser.add_argument('--threads', type=int, default=1, help='that learn')
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    train(given.scenes, given.seed, given.processes, given.start, given.out)


if __name__ == '__main__':
    main()
