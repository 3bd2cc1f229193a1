# Copyright (c) AULLM-MM contributors.
"""Onset-to-apex flow on the canonical face."""
from __future__ import annotations

import logging
import threading

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmengine.logging import print_log

from aullm_mm.faces import FaceDetector, FaceMesh
from aullm_mm.faces.canonical import canonical_map, face_axes, turn_to_face
from aullm_mm.registry import TRANSFORMS

from .flow import OnsetApexFlow, mean_flow
from .motion import optical_strain
from .required import required

NO_FACE = ('error', 'crop')
# A face crop is about so many inter-ocular distances wide; makes the unit that of
# OnsetApexFlow, per mille of the crop's width.
CROP_WIDTH = 2.2
BLUR = 0.02  # standard deviation, inter-ocular distances
# x0, y0, x1, y1 as shares of the picture: corpora are cropped to the face, and the
# detector was not made for pictures that a face fills.
WHOLE_FACE = (0.05, 0.10, 0.95, 0.95)


def flow_on_face(
    flow: np.ndarray, mesh: np.ndarray, size: tuple[int, int]
) -> np.ndarray:
    """Bring a flow field of a picture onto the canonical face.

    Args:
        flow: Flow in pixels.
        mesh: Mesh of the face in the frame that the flow starts from, in pixels.
        size: Height and width of the output in cells.

    Shapes:
        - flow: :math:`(H, W, 2)`
        - mesh: :math:`(468, 2)`
        - output: :math:`(h, w, 3)` float32: u along the eyes, v down the face, in per
          mille of 2.2 inter-ocular distances, and optical strain x width / 10

    Examples:
        >>> from aullm_mm.faces.canonical import canonical_face
        >>> mesh = 50 * canonical_face() + [80, 70]
        >>> flow = flow_on_face(np.ones((170, 160, 2), np.float32), mesh, (8, 8))
        >>> flow.shape, flow[4, 4].round().tolist()
        ((8, 8, 3), [9.0, 9.0, 0.0])
    """
    _, axis, inter_ocular = face_axes(mesh)
    smooth = cv2.GaussianBlur(flow.astype(np.float32), (0, 0), BLUR * inter_ocular)
    sampled = cv2.remap(
        smooth, canonical_map(mesh, size), None, cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE)
    vectors = turn_to_face(axis, sampled / inter_ocular * 1000 / CROP_WIDTH)
    strain = optical_strain(vectors) * size[1] / 10
    return np.dstack([vectors, strain]).astype(np.float32)


@TRANSFORMS.register_module()
class CanonicalFaceFlow(BaseTransform):
    """Add (u, v, strain) from the onset to the apex, laid on the canonical face.

    As :class:`OnsetApexFlow`, but each cell shows the same place of every face,
    whatever its position, size, roll and shape; the mesh of the onset frame says
    where. Vectors are turned by the roll too.

    Required keys: ``imgs`` (T, H, W) gray uint8, ``apex_index``. Added key: ``flow``
    (h, w, 3) float32.

    Args:
        size: Height and width of the flow image in cells. Defaults to (64, 64).
        neighbours: Frames on either side of the apex to average over. Defaults to 1.
        no_face: Where no face is found: ``'error'``, or ``'crop'`` for the flow of the
            whole picture as :class:`OnsetApexFlow` gives it, with a warning. Defaults
            to ``'error'``.

    Raises:
        ValueError: If ``no_face`` is not known, the frames are not gray uint8, or no
            face is found, naming the clip.

    Examples:
        >>> CanonicalFaceFlow(no_face='crop')
        CanonicalFaceFlow((64, 64), 1, no_face='crop')
    """

    def __init__(
        self, size: tuple[int, int] = (64, 64), neighbours: int = 1,
        no_face: str = 'error'
    ) -> None:
        if no_face not in NO_FACE:
            raise ValueError(f'no_face must be one of {NO_FACE}, got {no_face!r}.')
        self.size, self.neighbours, self.no_face = tuple(size), neighbours, no_face
        self._local = threading.local()

    def transform(self, results: dict) -> dict:
        """Compute the flow."""
        frames, apex = (required(results, key, 'CanonicalFaceFlow')
                        for key in ('imgs', 'apex_index'))
        clip = results.get('clip_id', '')
        if frames.ndim != 3 or frames.dtype != np.uint8:
            raise ValueError(
                f'Clip {clip}: CanonicalFaceFlow needs gray uint8 frames (T, H, W), '
                f'got {frames.shape} {frames.dtype}. Load them with '
                "color='gray'.")
        mesh = self._find_mesh(np.ascontiguousarray(frames[0]))
        if not len(mesh):
            return self._without_face(results, clip)
        flow = mean_flow(frames, apex, self.neighbours)
        results['flow'] = flow_on_face(flow, mesh, self.size)  # (h, w, 3)
        return results

    def _find_mesh(self, onset: np.ndarray) -> np.ndarray:
        detector, mesh = self._networks()
        height, width = onset.shape
        boxes = [*detector(onset).boxes[:1],
                 np.multiply(WHOLE_FACE, (width, height, width, height))]
        for box in boxes:
            points = mesh(onset, box)
            if len(points):
                break
        return points

    def _networks(self) -> tuple[FaceDetector, FaceMesh]:
        # OpenCV's networks keep state while they run: one pair a thread.
        if not hasattr(self._local, 'networks'):
            self._local.networks = FaceDetector(), FaceMesh()
        return self._local.networks

    def _without_face(self, results: dict, clip: str) -> dict:
        if self.no_face == 'error':
            raise ValueError(
                f'Clip {clip}: no face was found on the onset frame. Leave the clip '
                f"out, or give CanonicalFaceFlow no_face='crop' to use the flow of the "
                f"whole picture instead (no_face='error' is what stops here).")
        print_log(
            f'Clip {clip}: no face was found on the onset frame; the flow of the '
            f'whole picture is used.', 'current', logging.WARNING)
        return OnsetApexFlow(self.size, self.neighbours).transform(results)

    def __getstate__(self) -> dict:
        return {k: v for k, v in self.__dict__.items() if k != '_local'}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state, _local=threading.local())

    def __repr__(self) -> str:
        return (f'CanonicalFaceFlow({self.size}, {self.neighbours}, '
                f'no_face={self.no_face!r})')
