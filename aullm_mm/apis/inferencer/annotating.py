# Copyright (c) AULLM-MM contributors.
"""Faces, movements and action units drawn on the frames of a video."""
from __future__ import annotations

from typing import Any, Mapping, Sequence

import cv2
import numpy as np

from aullm_mm.video import Frame

FACE, MOVING, TEXT = (170, 170, 170), (0, 94, 213), (255, 255, 255)  # BGR
FONT = cv2.FONT_HERSHEY_SIMPLEX
#: A movement stays on the picture so long at least, since nobody reads faster.
SHOWN_SECONDS = 1.0


class Annotator:
    """Draw what a result says on frame after frame.

    Args:
        result: A result of the inferencer.
        faces: Arrays of each face, with ``frames`` and ``boxes``.

    Examples:
        >>> box = np.array([[10, 10, 50, 50]])
        >>> face = dict(frames=np.array([0]), boxes=box)
        >>> draw = Annotator(dict(movements=[]), [face])
        >>> bool(draw(Frame(0, 0.0, np.zeros((64, 64, 3), np.uint8))).any())
        True
    """

    def __init__(
        self, result: Mapping[str, Any], faces: Sequence[Mapping[str, np.ndarray]]
    ) -> None:
        self.faces = faces
        self.movements: list[Mapping[str, Any]] = list(result['movements'])

    def __call__(self, frame: Frame) -> np.ndarray:
        """The frame with what is known of it."""
        picture = frame.image.copy()
        scale = max(0.4, picture.shape[0] / 900)
        for number, face in enumerate(self.faces):
            at = int(np.searchsorted(face['frames'], frame.index))
            if at == len(face['frames']) or face['frames'][at] != frame.index:
                continue
            x0, y0, x1, y1 = face['boxes'][at].round().astype(int).tolist()
            lines, moving = self._lines(number, frame)
            colour = MOVING if moving else FACE
            cv2.rectangle(picture, (x0, y0), (x1, y1), colour, 2, cv2.LINE_AA)
            (_, height), base = cv2.getTextSize('AU', FONT, scale * 0.7, 1)
            for line, text in enumerate(lines, start=1):
                _write(picture, text, (x0, y1 + (height + base + 4) * line), scale)
        return picture

    def _lines(self, face: int, frame: Frame) -> tuple[list[str], bool]:
        """What is said below a face, and whether it moves just now."""
        lines, moving = [], False
        for movement in self.movements:
            onset, offset = movement['onset'], movement['offset']
            until = max(offset['seconds'], onset['seconds'] + SHOWN_SECONDS)
            if movement['track'] != face or not (
                    onset['seconds'] <= frame.seconds <= until):
                continue
            moving |= frame.index <= offset['frame']
            units = [f'AU{unit["au"]} {unit["name"]} {unit["score"]:.2f}'
                     for unit in movement['aus'] if unit['present']]
            lines += units or ['moves, no action unit decided']
        return lines, moving


def _write(
    picture: np.ndarray, text: str, corner: tuple[int, int], scale: float
) -> None:
    """Write text on a dark ground, so that it can be read on any picture."""
    (width, height), base = cv2.getTextSize(text, FONT, scale * 0.7, 1)
    x = min(max(corner[0], 0), max(picture.shape[1] - width, 0))
    y = min(max(corner[1], height), picture.shape[0] - base)
    cv2.rectangle(
        picture, (x, y - height - 3), (x + width, y + base), (0, 0, 0), cv2.FILLED)
    cv2.putText(picture, text, (x, y), FONT, scale * 0.7, TEXT, 1, cv2.LINE_AA)
