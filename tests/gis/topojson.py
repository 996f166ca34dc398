"""Reads TopoJSON back into shapes, by the specification alone."""

import json
from typing import Any

import shapely


def outlines(body: bytes, name: str) -> dict[str, shapely.Geometry]:
    """The shapes of one object, by id."""
    topology = json.loads(body)
    lines = [_line(steps, topology["transform"]) for steps in topology["arcs"]]
    return {one["id"]: _shape(one, lines) for one in topology["objects"].get(name, {"geometries": []})["geometries"]}


def _line(steps: list[list[int]], transform: dict[str, Any]) -> list[tuple[float, float]]:
    (kx, ky), (dx, dy) = transform["scale"], transform["translate"]
    x = y = 0
    line = []
    for step_x, step_y in steps:
        x, y = x + step_x, y + step_y
        line.append((x * kx + dx, y * ky + dy))
    return line


def _ring(numbers: list[int], lines: list[Any]) -> list[tuple[float, float]]:
    ring: list[tuple[float, float]] = []
    for number in numbers:
        line = lines[number] if number >= 0 else lines[~number][::-1]
        assert not ring or ring[-1] == line[0], "lines of a ring follow each other"
        ring += line[1:] if ring else line
    return ring


def _shape(one: dict[str, Any], lines: list[Any]) -> shapely.Geometry:
    parts = [one["arcs"]] if one["type"] == "Polygon" else one["arcs"]
    polygons = [shapely.Polygon(*_outer_and_holes([_ring(ring, lines) for ring in part])) for part in parts]
    return polygons[0] if one["type"] == "Polygon" else shapely.MultiPolygon(polygons)


def _outer_and_holes(rings: list[Any]) -> tuple[Any, list[Any]]:
    return rings[0], rings[1:]
