# Copyright (c) AULLM-MM contributors.
"""Face detector and face mesh, run by OpenCV alone (no torch)."""
from .detect import FaceDetections, FaceDetector
from .mesh import FaceMesh, MeshFit
from .track import FaceTracker, RejectedFace, TrackedFace

__all__ = ['FaceDetections', 'FaceDetector', 'FaceMesh', 'FaceTracker', 'MeshFit',
           'RejectedFace', 'TrackedFace']
