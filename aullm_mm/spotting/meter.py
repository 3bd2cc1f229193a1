# Copyright (c) AULLM-MM contributors.
"""How far each region of an aligned face has moved, frame by frame."""
from __future__ import annotations

from collections import deque
from typing import Protocol

import cv2
import numpy as np

from aullm_mm.faces.canonical import CANONICAL_BOUNDS

from .regions import REGION_NAMES, pixel_places, region_windows

# Corners and lids of the eyes, on the picture's left and right, as in REGION_NAMES.
EYE_POINTS = ((33, 133, 159, 145), (263, 362, 386, 374))
EYE_PATCH = (0.18, 0.38)  # height and width, inter-ocular distances
EYE_MEMORY, EYE_STEP = 20, 0.1  # looks that are kept, seconds from one to the next
CELLS = 16  # across the picture, for the motion of the head
FIT_ROUNDS = 5
# Eyes that look like this are open; renewal waits for them so much longer at most.
OPEN_EYES, LONGEST_WAIT = 0.85, 2.0
LEAST_SPREAD = 0.0005  # inter-ocular distances; below it all cells count alike
#: Values of a row: x and y of each region, then both eyes.
ROW_LENGTH = 2 * len(REGION_NAMES) + 2


class FacePose(Protocol):
    """What the meter asks of a pose of ``aullm_mm.faces.align``."""

    def to_face(self, points: np.ndarray) -> np.ndarray:
        """Bring pixels of the picture into face coordinates."""


def rigid_motion(
    motion: np.ndarray, places: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    r"""Fit the motion of the whole head to the motion of its cells.

    An affine map, by least squares with the weights
    :math:`1 / (1 + r^2 / s^2)` of the residual r and its median s (Geman-McClure in
    kind): a local movement, which moves the smaller part of the face, does not pull.

    Args:
        motion: ``(n, 2)`` motion of the cells.
        places: ``(n, 2)`` where they are.
        weights: ``(n,)`` 1 for the cells on the face, 0 for others.

    Shapes:
        returns: ``(3, 2)``; the motion at (x, y) is ``[1, x, y] @`` it.

    Examples:
        >>> places = np.random.default_rng(0).uniform(-1, 1, (50, 2))
        >>> motion = places * 0.01 + [0.2, 0.1]
        >>> motion[:9] += 0.5  # somebody smiles
        >>> fit = rigid_motion(motion, places, np.ones(50))
        >>> np.abs(fit - [[0.2, 0.1], [0.01, 0.0], [0.0, 0.01]]).max() < 1e-3
        np.True_
    """
    basis = np.column_stack([np.ones(len(places)), places])
    weight, inside = weights, weights > 0
    fit = np.zeros((3, 2))
    for _ in range(FIT_ROUNDS):
        weighted = basis * weight[:, None]
        fit = np.linalg.solve(weighted.T @ basis + 1e-9 * np.eye(3),
                              weighted.T @ motion)
        rest = np.hypot(*(motion - basis @ fit).T)
        spread = max(float(np.median(rest[inside])) if inside.any() else 0.0,
                     LEAST_SPREAD)
        weight = weights / (1.0 + (rest / (1.5 * spread)) ** 2)
    return fit


def likeness(patch: np.ndarray, usual: np.ndarray) -> float:
    """Return the correlation of two patches, blind to brightness and contrast.

    Args:
        patch: Gray levels.
        usual: Gray levels of the same shape.

    Examples:
        >>> ramp = np.arange(12.0).reshape(3, 4)
        >>> round(likeness(2 * ramp + 5, ramp), 6), likeness(0 * ramp, ramp)
        (1.0, 0.0)
    """
    a, b = patch - patch.mean(), usual - usual.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 1e-6 else 0.0


class MotionMeter:
    """Measure one face: where its regions are, and how its eyes look.

    The optical flow (DIS) from a reference frame to the present one, without its
    robust affine part (what alignment left of the head's motion), is averaged over
    each region. The reference is renewed every second and the displacement carried
    on, so that a region's row is one continuous path, in inter-ocular distances; it
    drifts slowly, which :func:`~aullm_mm.spotting.spot` takes out. Nothing depends on
    the frame rate. What is kept is bounded: one picture, and some patches of the eyes.

    Eyes are told by how much each looks like it usually does (correlation with the
    median look of the last 2 s): a blink changes the look more than the mesh, whose
    lids hardly follow a blink.

    Args:
        size: Height and width of the aligned pictures, pixels. Defaults to (104, 96).
        bounds: x0, x1, y0, y1 that they show, in inter-ocular distances; give the
            ``FaceAligner`` the same. Defaults to ``CANONICAL_BOUNDS``.
        renew: Seconds after which the reference is renewed. Defaults to 1.0.

    Raises:
        ValueError: If ``renew`` is not positive.
    """

    def __init__(
        self, size: tuple[int, int] = (104, 96),
        bounds: tuple[float, float, float, float] = CANONICAL_BOUNDS,
        renew: float = 1.0,
    ) -> None:
        if not renew > 0:
            raise ValueError(f'renew must be above 0 seconds, got {renew}')
        self.size, self.bounds, self.renew = size, bounds, renew
        self._flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        # The movements are parts of a pixel: the finest scale tells them.
        self._flow.setFinestScale(0)
        self._flow.setVariationalRefinementIterations(2)
        x0, x1, y0, y1 = bounds
        self._scale = np.array([size[1] / (x1 - x0), size[0] / (y1 - y0)])
        self._corner = np.array([x0, y0])
        self._grid = np.stack(np.meshgrid(*pixel_places(size, bounds)), axis=-1).astype(
            np.float32)
        self._cells = cv2.resize(
            self._grid, self._coarse, interpolation=cv2.INTER_AREA).reshape(-1, 2)
        self._reference: np.ndarray | None = None
        self._looks: deque[tuple[np.ndarray, ...]] = deque(maxlen=EYE_MEMORY)
        self._look_at: float | None = None

    @property
    def _coarse(self) -> tuple[int, int]:
        return CELLS, round(CELLS * self.size[0] / self.size[1])

    def __call__(
        self, image: np.ndarray, mesh: np.ndarray, pose: FacePose, seconds: float
    ) -> np.ndarray:
        """Measure the next frame.

        Args:
            image: ``(h, w)`` uint8, aligned and gray.
            mesh: ``(468, 2)`` mesh in pixels of the original picture.
            pose: Brings these into face coordinates (``aullm_mm.faces.align``).
            seconds: Time of the frame, later than that of the last.

        Shapes:
            returns: ``(2 R + 2,)`` float32: x (right) and y (down) of every region
            in inter-ocular distances, then the likeness of the eye on the picture's
            left and right, at most 1.

        Raises:
            ValueError: If the picture is not uint8 of the size that was named.
        """
        if image.shape != tuple(self.size) or image.dtype != np.uint8:
            raise ValueError(f'the aligned picture must be uint8 of size {self.size}, '
                             f'got {image.dtype} of {image.shape}')
        soft = cv2.GaussianBlur(image, (0, 0), 0.8)
        if self._reference is None:
            self._place = np.zeros((len(REGION_NAMES), 2))
            self._eyes = self._eye_centers(pose.to_face(mesh))
            self._renew(soft, pose.to_face(mesh), seconds, self._place)
        place = self._place + self._displacement(soft)
        eyes = self._eye_likeness(image, seconds)
        # A reference with shut eyes would make open ones a movement.
        wait = self.renew if min(eyes) >= OPEN_EYES else LONGEST_WAIT * self.renew
        if seconds - self._since >= wait:
            self._renew(soft, pose.to_face(mesh), seconds, place)
        return np.concatenate([place.ravel(), eyes]).astype(np.float32)

    def _renew(self, soft: np.ndarray, points: np.ndarray, seconds: float,
               place: np.ndarray) -> None:
        self._reference, self._since, self._place = soft, seconds, place
        self._windows = region_windows(points, self.size, bounds=self.bounds)
        # (R, 3): mean of [1, x, y] over each window.
        self._means = np.column_stack([
            self._windows.sum(axis=1), self._windows @ self._grid.reshape(-1, 2)])
        low, high = points.min(axis=0), points.max(axis=0)
        self._on_face = ((self._cells > low) & (self._cells < high)).all(
            axis=1).astype(float)

    def _displacement(self, soft: np.ndarray) -> np.ndarray:
        """(R, 2) motion since the reference, that of the head taken out."""
        flow = self._flow.calc(self._reference, soft, None) / self._scale.astype(
            np.float32)
        coarse = cv2.resize(flow, self._coarse, interpolation=cv2.INTER_AREA)
        fit = rigid_motion(
            coarse.reshape(-1, 2).astype(np.float64), self._cells, self._on_face)
        return self._windows @ flow.reshape(-1, 2) - self._means @ fit

    def _eye_centers(self, points: np.ndarray) -> list[tuple[float, float]]:
        # Kept for good: the mesh trembles, and patches must show the same place.
        middles = [points[list(eye)].mean(axis=0) for eye in EYE_POINTS]
        return [tuple(map(float, (middle - self._corner) * self._scale - 0.5))
                for middle in middles]

    def _eye_likeness(self, image: np.ndarray, seconds: float) -> list[float]:
        height, width = (max(round(extent * scale), 3) for extent, scale in
                         zip(EYE_PATCH, self._scale[::-1]))
        patches = tuple(
            cv2.getRectSubPix(image, (width, height), center).astype(np.float32)
            for center in self._eyes)
        if self._look_at is None or seconds - self._look_at >= EYE_STEP:
            self._looks.append(patches)
            self._look_at = seconds
            self._usual = [np.median(looks, axis=0) for looks in zip(*self._looks)]
        return [likeness(*pair) for pair in zip(patches, self._usual)]
