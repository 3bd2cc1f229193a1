# Copyright (c) AULLM-MM contributors.
"""Face detector and face mesh, run by OpenCV alone (no torch)."""
from .detect import FaceDetections, FaceDetector
from .mesh import FaceMesh

__all__ = ['FaceDetections', 'FaceDetector', 'FaceMesh']
