# Copyright (c) AULLM-MM contributors.
"""Faces: detector, mesh, tracker and alignment, run by OpenCV alone (no torch)."""
from .align import AlignedClip, FaceAligner, align_clip
from .detect import FaceDetections, FaceDetector
from .mesh import FaceMesh, MeshFit
from .pose import Pose, stable_pose
from .pose_smoothing import smooth_poses
from .track import FaceTracker
from .tracked_face import RejectedFace, TrackedFace

__all__ = ['AlignedClip', 'FaceAligner', 'FaceDetections', 'FaceDetector', 'FaceMesh',
           'FaceTracker', 'MeshFit', 'Pose', 'RejectedFace', 'TrackedFace',
           'align_clip', 'smooth_poses', 'stable_pose']
