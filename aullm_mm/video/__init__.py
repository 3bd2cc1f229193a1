# Copyright (c) AULLM-MM contributors.
"""Reading and writing of videos, frame by frame and with time (no torch)."""
from .base import DEFAULT_FPS, Frame, Video
from .files import VideoFile
from .opening import open_video
from .pictures import PictureFiles, Pictures
from .writer import VideoWriter

__all__ = ['DEFAULT_FPS', 'Frame', 'PictureFiles', 'Pictures', 'Video', 'VideoFile',
           'VideoWriter', 'open_video']
