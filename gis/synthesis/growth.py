"""Growing regions over the mesh: all start from a seed and spread until they meet, slower over rough ground.

What is reached first belongs to whoever reached it, so each region is one piece, and borders wander as the
roughness does, like borders along ridges and ditches.
"""

import heapq
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gis.synthesis.mesh import Mesh
from gis.synthesis.plane import Floats

OUTSIDE = -1


def grow(
    mesh: Mesh, rough: Sequence[float], cells: NDArray[np.int64], seeds: Sequence[int], speed: Floats
) -> NDArray[np.int64]:
    """Label each of `cells` with the seed that reaches it first; all other cells keep OUTSIDE."""
    free = set(cells.tolist())
    slowness = (1.0 / speed).tolist()
    queue = [(0.0, number, seed) for number, seed in enumerate(seeds)]
    heapq.heapify(queue)
    label = np.full(len(mesh.rings), OUTSIDE, np.int64)
    while queue:
        when, number, cell = heapq.heappop(queue)
        if cell not in free:
            continue
        free.remove(cell)
        label[cell] = number
        for other, apart in mesh.near[cell]:
            if other in free:
                step = apart * 0.5 * (rough[cell] + rough[other]) * slowness[number]
                heapq.heappush(queue, (when + step, number, other))
    return label


def settle(
    mesh: Mesh,
    rough: Sequence[float],
    cells: NDArray[np.int64],
    seeds: list[int],
    target: Floats,
    *,
    rounds: int,
    recentre: bool,
    hold: frozenset[int] = frozenset(),
) -> NDArray[np.int64]:
    """Grow again and again, moving seeds to the middle of their region and pacing them towards the target
    area.

    `target`: wished areas, any unit, shape (len(seeds),); `hold`: seeds that stay where they are.
    """
    target = target / target.sum() * mesh.area[cells].sum()
    speed = np.sqrt(target / target.mean())
    best, best_fault = grow(mesh, rough, cells, seeds, speed), np.inf
    for _ in range(rounds):
        label = grow(mesh, rough, cells, seeds, speed)
        mine = label >= 0
        area = np.bincount(label[mine], mesh.area[mine], len(seeds))
        fault = float(np.abs(np.log(np.maximum(area, 1.0) / target)).max())
        if fault < best_fault:
            best, best_fault = label, fault
        speed *= np.clip(target / np.maximum(area, 1.0), 0.25, 4.0) ** 0.35
        speed = np.clip(speed / np.median(speed), 0.2, 5.0)
        if recentre:
            seeds = [
                seed if number in hold else _middle(mesh, label, number, seed) for number, seed in enumerate(seeds)
            ]
    return best


def _middle(mesh: Mesh, label: NDArray[np.int64], number: int, seed: int) -> int:
    cells = np.flatnonzero(label == number)
    if len(cells) == 0:
        return seed
    weight = np.maximum(mesh.area[cells], 1.0)
    centre = np.average(mesh.centre[cells], axis=0, weights=weight)
    return int(cells[np.argmin(((mesh.centre[cells] - centre) ** 2).sum(axis=1))])


def scatter(
    mesh: Mesh, cells: NDArray[np.int64], count: int, rng: np.random.Generator, taken: Sequence[int] = ()
) -> list[int]:
    """Pick `count` of `cells` well apart from each other and from those already taken."""
    chosen: list[int] = []
    away = np.full(len(cells), np.inf)
    for cell in taken:
        away = np.minimum(away, ((mesh.centre[cells] - mesh.centre[cell]) ** 2).sum(axis=1))
    for _ in range(count):
        if np.isinf(away).all():
            pick = int(rng.integers(len(cells)))
        else:
            # The farthest of a few random ones: spread out, yet not as even as a honeycomb.
            tries = rng.choice(len(cells), size=min(12, len(cells)), replace=False)
            pick = int(tries[np.argmax(away[tries])])
        chosen.append(int(cells[pick]))
        away = np.minimum(away, ((mesh.centre[cells] - mesh.centre[cells[pick]]) ** 2).sum(axis=1))
    return chosen


def tour(mesh: Mesh, cells: list[int], start: int) -> list[int]:
    """Order cells as a walk from neighbour to neighbour, so that villages of near codes lie near each
    other."""
    left, here, walk = list(cells), start, []
    while left:
        away = ((mesh.centre[left] - mesh.centre[here]) ** 2).sum(axis=1)
        here = left.pop(int(np.argmin(away)))
        walk.append(here)
    return walk


def cut_along_streets(mesh: Mesh, cells: NDArray[np.int64], count: int, angle_deg: float) -> list[NDArray[np.int64]]:
    """Cut cells into `count` parts of about equal area by straight lines along or across the streets."""
    if len(cells) < count:
        raise ValueError("too few blocks for that many parts; change the seed")
    if count == 1:
        return [cells]
    turn = np.deg2rad(angle_deg)
    axes = np.round(np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]), 6)
    place = mesh.centre[cells] @ axes.T
    longer = int(np.argmax(np.ptp(place, axis=0)))
    order = np.argsort(place[:, longer], kind="stable")
    share = np.cumsum(mesh.area[cells[order]]) / mesh.area[cells].sum()
    at = int(np.searchsorted(share, (count // 2) / count))
    at = min(max(at, count // 2), len(cells) - (count - count // 2))
    # A whole row of blocks goes to one side, so that the cut runs along a street.
    row = place[order[at], longer]
    along = place[:, longer] <= row + 8.0
    if not count // 2 <= along.sum() <= len(cells) - (count - count // 2):
        along = np.zeros(len(cells), np.bool_)
        along[order[:at]] = True
    return [
        *cut_along_streets(mesh, cells[along], count // 2, angle_deg),
        *cut_along_streets(mesh, cells[~along], count - count // 2, angle_deg),
    ]


def in_one_piece(mesh: Mesh, cells: NDArray[np.int64]) -> bool:
    """Whether one can walk from any of the cells to any other without leaving them."""
    left = set(cells.tolist())
    reached = [left.pop()]
    while reached:
        for other, _ in mesh.near[reached.pop()]:
            if other in left:
                left.remove(other)
                reached.append(other)
    return not left
