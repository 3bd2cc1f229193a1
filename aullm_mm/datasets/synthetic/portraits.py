# Copyright (c) AULLM-MM contributors.
"""The two public-domain portraits that every semi-synthetic face is made of."""
from __future__ import annotations

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from scipy.optimize import linear_sum_assignment

from aullm_mm.faces import FaceDetector, FaceMesh

from .segmentation import head_masks

# name -> (package, file in it); both pictures are public domain (US Navy, NASA).
PORTRAIT_FILES = (
    ('hopper', 'matplotlib', 'mpl-data/sample_data/grace_hopper.jpg'),
    ('astronaut', 'skimage', 'data/astronaut.png'),
)
INSTALL_COMMAND = 'pip install matplotlib scikit-image'
# Eye corners: outer and inner, on the picture's left and on its right.
LEFT_EYE, RIGHT_EYE = (33, 133), (263, 362)


@dataclass(frozen=True)
class Portrait:
    """One portrait with its mesh.

    Attributes:
        name: ``'hopper'`` or ``'astronaut'``.
        image: ``(H, W, 3)`` float32 BGR, 0..255.
        points: ``(468, 2)`` mesh in pixels of ``image``.
        shape: ``(468, 3)`` the same face made symmetric and upright, in
            inter-ocular distances, origin midway between the eyes, y down.
        masks: ``(H, W, 2)`` float32, 0..1: the head with hair and neck, and
            the hair (or cap) alone.

    Examples:
        >>> [portrait.name for portrait in load_portraits()]
        ['hopper', 'astronaut']
    """

    name: str
    image: np.ndarray
    points: np.ndarray
    shape: np.ndarray
    masks: np.ndarray


def portrait_path(package: str, relative: str) -> Path:
    """Find a picture inside an installed package without importing it.

    Args:
        package: Import name of the package.
        relative: Path of the file inside it.

    Returns:
        Path of an existing file.

    Raises:
        ImportError: If the package, or the picture in it, is missing.

    Examples:
        >>> portrait_path('skimage', 'data/astronaut.png').name
        'astronaut.png'
    """
    spec = importlib.util.find_spec(package)
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / relative
        if path.is_file():
            return path
    raise ImportError(
        f'the portrait {relative} of the package {package} was not found; '
        f'install it with `{INSTALL_COMMAND}`')


def eye_centers(points: np.ndarray) -> np.ndarray:
    """Return the middle of both eyes of a mesh.

    Args:
        points: ``(468, D)`` mesh.

    Shapes:
        returns: ``(2, D)``, picture-left eye first.

    Examples:
        >>> eye_centers(np.zeros((468, 2))).shape
        (2, 2)
    """
    return np.stack([
        points[list(LEFT_EYE)].mean(0), points[list(RIGHT_EYE)].mean(0)])


def normalize(points: np.ndarray) -> np.ndarray:
    """Level the eyes of a mesh, and measure it in inter-ocular distances.

    Args:
        points: ``(468, 3)`` mesh in pixels.

    Shapes:
        returns: ``(468, 3)``, origin midway between the eyes.

    Examples:
        >>> mesh = np.random.default_rng(0).normal(size=(468, 3))
        >>> bool(np.allclose(eye_centers(normalize(mesh))[:, 1], 0.0))
        True
    """
    left, right = eye_centers(points)[:, :2]
    dx, dy = right - left
    turn = np.array([[dx, dy], [-dy, dx]]) / (dx * dx + dy * dy)
    planar = (points[:, :2] - (left + right) / 2) @ turn.T
    depth = (points[:, 2] - points[:, 2].mean()) / np.hypot(dx, dy)
    return np.column_stack([planar, depth])


def mirror_order(shape: np.ndarray) -> np.ndarray:
    """Return, for each mesh point, the number of its mirror image.

    The mesh topology is symmetric, so mirroring a face and matching the
    points one to one gives the permutation.

    Args:
        shape: ``(468, 3)`` normalized mesh of a nearly frontal face.

    Shapes:
        returns: ``(468,)`` integers.

    Examples:
        >>> order = mirror_order(load_portraits()[0].shape)
        >>> int(order[61]), int(order[33]), int(order[1])
        (291, 263, 1)
    """
    shape = np.ascontiguousarray(shape)
    return _mirror_order(shape.tobytes(), shape.dtype.str)


# The movements of a clip ask for the same few people again and again.
@functools.lru_cache(maxsize=64)
def _mirror_order(content: bytes, kind: str) -> np.ndarray:
    shape = np.frombuffer(content, kind).reshape(-1, 3)
    mirrored = shape * np.array([-1.0, 1.0, 1.0])
    cost = ((shape[:, None] - mirrored[None]) ** 2).sum(-1)  # (468, 468)
    order = linear_sum_assignment(cost)[1]
    order.flags.writeable = False
    return order


def symmetrize(shape: np.ndarray) -> np.ndarray:
    """Turn a mesh frontal: the mean of it and its aligned mirror image.

    Args:
        shape: ``(468, 3)`` normalized mesh.

    Shapes:
        returns: ``(468, 3)`` mirror-symmetric, normalized again.

    Examples:
        >>> face = load_portraits()[0].shape
        >>> bool(np.abs(symmetrize(face) - face).max() < 0.02)
        True
    """
    mirrored = (shape * np.array([-1.0, 1.0, 1.0]))[mirror_order(shape)]
    # Orthogonal Procrustes: rotate the mirror image onto the mesh ...
    a, b = shape - shape.mean(0), mirrored - mirrored.mean(0)
    u, _, vt = np.linalg.svd(b.T @ a)
    yaw = np.arctan2((u @ vt)[0, 2], (u @ vt)[0, 0]) / 2
    # ... and undo half of that turn, which is the head's own yaw.
    cos, sin = np.cos(yaw), np.sin(yaw)
    turn = np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])
    frontal = normalize(a @ turn.T)
    mirrored = (frontal * np.array([-1.0, 1.0, 1.0]))[mirror_order(frontal)]
    return normalize((frontal + mirrored) / 2)


@functools.lru_cache(maxsize=1)
def load_portraits() -> tuple[Portrait, ...]:
    """Read both portraits and place the mesh on them (once a process).

    Returns:
        The portraits, in the order of ``PORTRAIT_FILES``.

    Raises:
        ImportError: If a package that ships a portrait or the face models is
            missing.

    Examples:
        >>> load_portraits()[1].points.shape
        (468, 2)
    """
    detector, mesh = FaceDetector(), FaceMesh()
    portraits = []
    for name, package, relative in PORTRAIT_FILES:
        path = portrait_path(package, relative)
        image = cv2.imread(str(path))
        faces = None if image is None else detector(image)
        if not faces:
            raise ImportError(
                f'no face could be read from {path}; reinstall it with '
                f'`{INSTALL_COMMAND}`')
        points = mesh.points3d(image, faces.boxes[0]).astype(np.float64)
        portraits.append(Portrait(
            name, image.astype(np.float32), points[:, :2],
            symmetrize(normalize(points)), head_masks(image, points[:, :2])))
    return tuple(portraits)
