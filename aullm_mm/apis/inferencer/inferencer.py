# Copyright (c) AULLM-MM contributors.
"""From anybody's video to action units, when and where, and why."""
from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Mapping, Sequence

import numpy as np
import torch

from aullm_mm.explain import trace_clips
from aullm_mm.explain.rephrase import llm_of, rephrase
from aullm_mm.video import Video, open_video

from .clip_input import ClipInput
from .facts import no_face_message, source_facts, warnings_of, watch_key
from .movements import (
    Movement,
    face_series,
    given_movement,
    read_clips,
    spotted_movements,
    wants_spotting,
)
from .options import InferenceOptions
from .recognizer import load_recognizer
from .results import (
    SCHEMA,
    decided_aus,
    face_summary,
    moment,
    thinned_series,
)
from .segments import SegmentStore
from .sides import movement_sides
from .watching import Progress, Watched, watch


@dataclass(frozen=True)
class Inference:
    """A result with what is needed to draw it.

    Attributes:
        result: The result as plain data, see ``docs/inference.md``.
        video: The input.
        watched: Faces of each frame.
        clips: Aligned onset and apex frame of each movement, by its id.
    """

    result: dict[str, Any]
    video: Video
    watched: Watched
    clips: Mapping[int, tuple[np.ndarray, np.ndarray]]


class AUInferencer:
    """Detect action units in videos, folders of frames, pairs of pictures and arrays.

    Faces are found, aligned and followed; movements are spotted in what is longer than
    one; a recognizer decides which action units they are, and says why.

    Args:
        model: Config file, in place of the one in the checkpoint. Defaults to None.
        weights: Checkpoint of ``tools/train.py``, or a model of the zoo. Defaults to
            the packaged ``aullm_flow``, which has seen generated clips only.
        device: Torch device. Defaults to a GPU where there is one.
        thresholds: Thresholds by AU number, over those of the checkpoint.
        llm: Whether the LLM deduces; if not, the logits of evidence and structure
            decide. Defaults to True.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: As for :func:`~.recognizer.load_recognizer`.

    Examples:
        >>> inferencer = AUInferencer(llm=False)  # doctest: +SKIP
        >>> inferencer('me.mp4')[0]['movements'][0]['aus']  # doctest: +SKIP
    """

    def __init__(
        self, model: str | None = None, weights: str | None = None,
        device: str | None = None, thresholds: Mapping[int, float] | None = None,
        llm: bool = True,
    ) -> None:
        self.recognizer = load_recognizer(weights, model, device, thresholds)
        if not llm and self.recognizer.llm is not None:
            self.recognizer.model.cls_head.deduces = False
            self.recognizer = replace(self.recognizer, llm=None)
        self.clip_input = ClipInput(self.recognizer.pipeline)

    def __call__(self, inputs: Any, **options: Any) -> list[dict[str, Any]]:
        """Results of one input or of a list of inputs, as plain data.

        Args:
            inputs: A video file, a folder of frames, an array; a pair of pictures as a
                tuple; or a list of any of these.
            options: Fields of :class:`InferenceOptions`.

        Raises:
            FileNotFoundError: If an input is not there.
            ValueError: If an input cannot be used, or shows no face.
        """
        several = inputs if isinstance(inputs, list) else [inputs]
        return [self.analyze(one, InferenceOptions(**options)).result
                for one in several]

    def analyze(
        self, source: Any, options: InferenceOptions | None = None,
        kept: Path | None = None, progress: Progress | None = None
    ) -> Inference:
        """Result of one input with what is needed to draw it.

        Args:
            source: The input.
            options: How it is read. Defaults to the defaults.
            kept: Folder in which what was watched is kept until the end, so that a run
                that was cut off goes on. Defaults to None.
            progress: Called with what is done, how far, and of how much.

        Raises:
            FileNotFoundError: If the input is not there.
            ValueError: If it cannot be used, or shows no face.
        """
        options, start = options or InferenceOptions(), perf_counter()
        video = open_video(source, fps=options.fps)
        # Of a file it can be told whether it is the same one as before.
        resumable = kept is not None and video.kind == 'file'
        store = SegmentStore(kept, watch_key(video, options)) if resumable else None
        watched = watch(video, options.faces, store, progress)
        if not watched.faces:
            raise ValueError(no_face_message(video, watched, options))
        movements, blinks, series = _find_movements(video, watched, options)
        timing = dict(watched.timing, model=0.0, trace=0.0)
        decided, clips = self._decide(
            video, watched, movements, options, timing, progress)
        timing['total'] = perf_counter() - start
        result = dict(
            schema=SCHEMA, source=source_facts(video, watched),
            model=self.recognizer.describe(), settings=options.plain(),
            faces=[face_summary(i, face['frames'])
                   for i, face in enumerate(watched.faces)],
            movements=decided, blinks=[
                dict(track=blink.face, **_moments(blink, watched)) for blink in blinks],
            series=series, warnings=warnings_of(video, watched, movements, options),
            timing={name: round(seconds, 4) for name, seconds in timing.items()})
        if store is not None:
            store.clear()
        return Inference(result, video, watched, clips)

    def _decide(
        self, video: Video, watched: Watched, movements: Sequence[Movement],
        options: InferenceOptions, timing: dict[str, float], progress: Progress | None
    ) -> tuple[list[dict], dict[int, tuple[np.ndarray, np.ndarray]]]:
        """Entries of the movements, and their onset and apex frames."""
        entries: dict[int, dict] = {}
        clips: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        batch: list[tuple[int, dict]] = []
        start = perf_counter()
        for i, frames, packed in read_clips(
                video, watched, movements, self.clip_input):
            apex = packed['data_samples'].metainfo.get('apex', len(frames) - 1)
            clips[i] = frames[0], frames[apex]
            batch.append((i, packed))
            if len(batch) == options.batch_size:
                timing['decode'] += perf_counter() - start
                entries.update(self._entries(batch, movements, watched, options,
                                             timing))
                batch, start = [], perf_counter()
            if progress is not None:
                progress('deciding', len(clips), len(movements))
        timing['decode'] += perf_counter() - start
        if batch:
            entries.update(self._entries(batch, movements, watched, options, timing))
        return [entries[i] for i in sorted(entries)], clips

    def _entries(
        self, batch: Sequence[tuple[int, dict]], movements: Sequence[Movement],
        watched: Watched, options: InferenceOptions, timing: dict[str, float]
    ) -> dict[int, dict]:
        start, known = perf_counter(), self.recognizer
        data = [packed for _, packed in batch]
        if options.trace:
            traces = trace_clips(known.model, data, list(known.thresholds))
            if options.rephrase:
                traces = [rephrase(trace, llm_of(known.model)) for trace in traces]
            scores, present = (
                [[unit[key] for unit in trace['aus']] for trace in traces]
                for key in ('score', 'present'))
        else:
            traces = present = [None] * len(data)
            scores = self._scores(data)
        timing['trace' if options.trace else 'model'] += perf_counter() - start
        sides = [movement_sides(packed['inputs'], known.aus) for packed in data]
        return {i: _entry(i, movements[i], watched, decided_aus(
            known.aus, score, known.thresholds, side, there), trace)
            for (i, _), score, side, there, trace in zip(
                batch, scores, sides, present, traces)}

    def _scores(self, data: Sequence[dict]) -> list[list[float]]:
        with torch.no_grad():
            samples = self.recognizer.model.test_step(dict(
                inputs=[packed['inputs'] for packed in data],
                data_samples=[packed['data_samples'] for packed in data]))
        return [sample.pred_score.tolist() for sample in samples]


def _find_movements(
    video: Video, watched: Watched, options: InferenceOptions
) -> tuple[list[Movement], list[Movement], dict[str, Any]]:
    """Movements and blinks of all faces by onset, and the curve of the first face."""
    spotting = not options.names_movement and wants_spotting(
        options.spot, video, watched)
    found: list[Movement] = []
    for number, face in enumerate(watched.faces):
        series = face_series(watched, face)
        if number == 0:
            energy = series.energy()
            strongest = np.nanmax(np.nan_to_num(energy), axis=1)
            curve = thinned_series(0, watched.seconds, strongest)
        if spotting:
            found += spotted_movements(series, number, options.limits)
        elif len(face['frames']) > 1 or len(watched.faces) == 1:
            found.append(given_movement(
                series, number, options.onset, options.apex, options.offset))
    found.sort(key=lambda movement: (movement.onset, movement.face))
    blinks = [movement for movement in found if movement.kind == 'blink']
    return [m for m in found if m.kind != 'blink'], blinks, curve


def _moments(movement: Movement, watched: Watched) -> dict[str, Any]:
    return {name: moment(frame, watched.seconds[frame]) for name, frame in (
        ('onset', movement.onset), ('apex', movement.apex),
        ('offset', movement.offset))}


def _entry(
    number: int, movement: Movement, watched: Watched, aus: list[dict],
    trace: dict | None
) -> dict[str, Any]:
    return dict(
        id=number, track=movement.face, kind=movement.kind, score=movement.score,
        **_moments(movement, watched), aus=aus, trace=trace)
