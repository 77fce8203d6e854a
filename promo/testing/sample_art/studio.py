"""A small photo studio: rays against shapes, a soft box, a seamless backdrop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from promo.testing.sample_art.film import Array, mix

Shape = Callable[[Array], Array]  # points (n × 3) → distance to the surface (n)
CHUNK = 60_000


@dataclass(frozen=True, kw_only=True)
class Material:
    """How a surface answers light. `paint` gives its colour (linear) at points; `glow` is light of its own."""

    paint: Callable[[Array], Array]
    gloss: float = 0.2
    sharp: float = 30
    glow: Callable[[Array], Array] | None = None
    through: float = 0  # light that comes through from behind


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Shapes with their materials, a camera and a key light. Distances are in decimetres, y is up."""

    things: tuple[tuple[Shape, Material], ...]
    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    lens: float = 2.4  # focal length, in half picture widths
    key: tuple[float, float, float] = (-0.6, 0.9, 0.7)
    key_light: tuple[float, float, float] = (1.55, 1.43, 1.26)
    sky_light: tuple[float, float, float] = (0.26, 0.28, 0.32)
    lamp: tuple[tuple[float, float, float], tuple[float, float, float]] | None = None  # a point light: place, light
    far: float = 60
    softness: float = 7  # the higher, the sharper its shadows
    sky: Callable[[Array], Array] | None = None  # the light of rays (n × 3) that meet nothing
    haze: float = 0  # the distance after which two thirds of a thing are air; 0: clear air


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9), np.float32)


def _distance(scene: Scene, points: Array) -> Array:
    nearest = scene.things[0][0](points)
    for shape, _material in scene.things[1:]:
        nearest = np.minimum(nearest, shape(points))
    return nearest


def _march(scene: Scene, origins: Array, rays: Array, *, steps: int = 110) -> Array:
    """Return how far each ray goes until it meets something; `far` where it meets nothing."""
    travelled = np.full(len(rays), 0.02, np.float32)
    active = np.arange(len(rays))
    for _round in range(steps):
        here = _distance(scene, origins[active] + rays[active] * travelled[active, None])
        travelled[active] += here * 0.85
        active = active[(here > 0.0006 * travelled[active]) & (travelled[active] < scene.far)]
        if not len(active):
            break
    return np.minimum(travelled, scene.far)


def _normals(scene: Scene, points: Array) -> Array:
    total = np.zeros_like(points)
    for corner in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
        offset = np.array(corner, np.float32)
        total += offset * _distance(scene, points + offset * 0.0015)[:, None]
    return _unit(total)


def _shadow(scene: Scene, points: Array, towards: Array, reach: float) -> Array:
    """Return how much of a soft light reaches each point, 0 to 1 (penumbra by nearest miss)."""
    light = np.ones(len(points), np.float32)
    travelled = np.full(len(points), 0.03, np.float32)
    active = np.arange(len(points))
    for _round in range(42):
        here = _distance(scene, points[active] + towards[active] * travelled[active, None])
        light[active] = np.minimum(light[active], 0.5 + 0.5 * scene.softness * here / travelled[active])
        travelled[active] += np.clip(here, 0.03, 0.5)
        active = active[(light[active] > 0) & (travelled[active] < reach)]
        if not len(active):
            break
    light = np.clip(light, 0, 1)
    return np.asarray(light * light * (3 - 2 * light), np.float32)


def _open(scene: Scene, points: Array, normals: Array) -> Array:
    """Return how open the surroundings of each point are (ambient occlusion), 0 to 1."""
    closed, weight = np.zeros(len(points), np.float32), 1.0
    for reach in (0.04, 0.12, 0.28, 0.55):
        closed += weight * np.maximum(0, reach - _distance(scene, points + normals * reach)) / reach * 0.5
        weight *= 0.75
    return np.clip(1 - closed, 0.08, 1)


def shoot(scene: Scene, size: tuple[int, int]) -> Array:
    """Return the scene's linear light, height × width × 3."""
    width, height = size
    eye = np.array(scene.eye, np.float32)
    forward = _unit(np.array(scene.target, np.float32) - eye)
    right = _unit(np.cross(forward, np.array([0, 1, 0], np.float32)))
    up = np.cross(right, forward)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    across, upward = (2 * xs + 1 - width) / width, -(2 * ys + 1 - height) / width
    rays = _unit(forward * scene.lens + right * across[..., None] + up * upward[..., None]).reshape(-1, 3)
    light = np.concatenate([_light(scene, eye, rays[at : at + CHUNK]) for at in range(0, len(rays), CHUNK)])
    return light.reshape(height, width, 3)


def _light(scene: Scene, eye: Array, rays: Array) -> Array:
    origins = np.broadcast_to(eye, rays.shape)
    points = (origins + rays * _march(scene, origins, rays)[:, None]).astype(np.float32)
    normals = _normals(scene, points)
    key = _unit(np.array(scene.key, np.float32))
    lit = _shadow(scene, points + normals * 0.004, np.broadcast_to(key, points.shape), 12)
    opened = _open(scene, points, normals)
    facing = normals @ key
    half = _unit(key - rays)
    fresnel = (1 - np.clip(-(normals * rays).sum(1), 0, 1)) ** 5
    lamp_light, lamp_facing = _lamp(scene, points, normals)
    which = np.argmin(np.stack([shape(points) for shape, _material in scene.things]), axis=0)
    result = np.zeros_like(points)
    for index, (_shape, material) in enumerate(scene.things):
        mine = which == index
        if not mine.any():
            continue
        paint = material.paint(points[mine])
        wrapped = np.clip(facing[mine] * (1 - material.through) + material.through, 0, 1)
        diffuse = (
            wrapped[:, None] * (lit[mine, None] * (1 - material.through) + material.through) * np.array(scene.key_light)
        )
        sky = (0.62 + 0.38 * normals[mine, 1:2]) * opened[mine, None] * np.array(scene.sky_light)
        bounce = np.clip(-normals[mine, 1:2], 0, 1) * 0.12 * opened[mine, None]
        shine = np.clip((normals[mine] * half[mine]).sum(1), 0, 1) ** material.sharp * lit[mine]
        # A second, broad window to the right gives round things an edge of light.
        window = np.clip(normals[mine] @ _unit(np.array([0.9, 0.25, 0.15], np.float32)), 0, 1) ** 5 * 0.5
        gloss = material.gloss * (shine * 2.2 + (fresnel[mine] + window * 0.35) * opened[mine] * 0.8)
        value = paint * (diffuse + sky + bounce + lamp_light[mine] * lamp_facing[mine, None]) + gloss[:, None]
        if material.glow is not None:
            value = value + material.glow(points[mine])
        result[mine] = value
    if scene.sky is None:
        made: Array = result
        return made
    distance = np.linalg.norm(points - eye, axis=1)
    air = np.clip(1 - np.exp(-distance / scene.haze), 0, 0.9) if scene.haze else np.zeros_like(distance)
    sky = scene.sky(rays)
    level = rays * np.array([1, 0, 1], np.float32) + np.array([0, 0.03, 0], np.float32)
    return np.where((distance > scene.far * 0.98)[:, None], sky, mix(result, scene.sky(_unit(level)), air))


def _lamp(scene: Scene, points: Array, normals: Array) -> tuple[Array, Array]:
    if scene.lamp is None:
        return np.zeros_like(points), np.zeros(len(points), np.float32)
    place, strength = scene.lamp
    towards = np.array(place, np.float32) - points
    distance = np.linalg.norm(towards, axis=1)
    facing = np.clip(((towards / distance[:, None]) * normals).sum(1) * 0.8 + 0.2, 0, 1)
    return (np.array(strength, np.float32) / (0.25 + distance**2)[:, None]).astype(np.float32), facing.astype(
        np.float32
    )
