# Copyright (c) AULLM-MM contributors.
"""A job's video through the inferencer, step by step."""
from __future__ import annotations

from contextlib import closing
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Iterator

from aullm_mm.apis.inferencer import AUInferencer
from aullm_mm.apis.inferencer.writing import page_media, to_csv, to_json
from aullm_mm.faces.track import FaceTracker
from aullm_mm.video import Frame, VideoFile
from aullm_mm.visualization.page import render_page

from .jobs import Job, Report


class CheckedVideo(VideoFile):
    """A video file that asks at each frame whether to go on.

    Args:
        path: The file.
        check: Called with each frame that is read, by whatever pass; it raises to
            stop.
        fps: Frames per second, over what the file says. Defaults to None.
        name: How it is called in reports. Defaults to the file's name.
    """

    def __init__(
        self, path: Path, check: Callable[[Frame], None], fps: float | None = None,
        name: str | None = None
    ) -> None:
        super().__init__(path, fps, name)
        self._check = check

    def _read(self, start: int) -> Iterator[Frame]:
        with closing(super()._read(start)) as frames:
            for frame in frames:
                self._check(frame)
                yield frame


class Analyst:
    """Make the report of a video; one at a time.

    Args:
        inferencer: What is asked, with its LLM where it has one.
        max_minutes: Longest video. Defaults to 30.

    Raises:
        ImportError: If the models that find faces are not installed.

    Attributes:
        facts: Name, LLM and training data of the model, for the page.
    """

    def __init__(self, inferencer: AUInferencer, max_minutes: float = 30) -> None:
        # What is missing here is found out now, not with somebody's video.
        FaceTracker()
        self.max_minutes = max_minutes
        self._with_llm = inferencer
        self._plain = copy(inferencer)
        self._plain.recognizer = replace(inferencer.recognizer, llm=None)
        self.facts = inferencer.recognizer.describe()

    def __call__(self, job: Job) -> Report:
        """Analyse the video of a job, told how far it is.

        Args:
            job: The job.

        Raises:
            Cancelled: If nobody wants the result any more.
            ValueError: If the video cannot be used.
        """
        def check(frame: Frame) -> None:
            self._check_length(frame.seconds, job.name)
            if job.stage == 'drawing':
                job.step('drawing', frame.index + 1, job.total)
            else:
                job.step(job.stage, job.done, job.total)

        job.step('watching', 0, None)
        video = CheckedVideo(job.path, check, job.options.fps, job.name)
        if video.expected_frames:
            self._check_length(video.expected_frames / video.fps, job.name)
        inference = self._inferencer(job.options.llm).analyze(
            video, job.options.inference(), progress=job.step)
        # Where the file lay for a moment is of no interest to anybody.
        inference.result['source']['path'] = None
        job.step('drawing', 0, inference.result['source']['frames'])
        page = render_page(inference.result, page_media(inference))
        return _report(inference.result, page)

    def _inferencer(self, llm: bool) -> AUInferencer:
        """The inferencer with or without its LLM, on the same weights."""
        recognizer = self._with_llm.recognizer
        if recognizer.llm is None:
            return self._with_llm
        recognizer.model.cls_head.deduces = llm
        return self._with_llm if llm else self._plain

    def _check_length(self, seconds: float, name: str) -> None:
        if seconds > 60 * self.max_minutes:
            raise ValueError(
                f'{name} is longer than {self.max_minutes:g} minutes: cut it, or start '
                f'the program with a larger --max-minutes.')


def _report(result: dict[str, Any], page: str) -> Report:
    texts = dict(html=page, json=to_json(result), csv=to_csv(result))
    return Report({ending: text.encode() for ending, text in texts.items()},
                  len(result['movements']))
