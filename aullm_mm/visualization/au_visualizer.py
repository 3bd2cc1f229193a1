# Copyright (c) AULLM-MM contributors.
"""MMEngine visualizer of AU scores, timelines, heat, relations and prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dist import master_only
from mmengine.structures import BaseDataElement
from mmengine.visualization import Visualizer
from numpy.typing import ArrayLike

from aullm_mm.registry import VISUALIZERS

from .au_graph import draw_au_graph
from .clip_scores import draw_clip_scores
from .hand_over import add_figure, add_text, figure_array
from .heat import lay_heat
from .style import save_figure
from .timeline import draw_timeline


@VISUALIZERS.register_module()
class AUVisualizer(Visualizer):
    """Draw what AUs there are, when, where and why, and hand it to all backends.

    The AU numbers are taken from ``dataset_meta['aus']``, which the runner sets, or
    from ``aus``.

    Args:
        aus (Sequence[int] | None): AU numbers in the order of the scores.
            Defaults to None.
        threshold (float): Where the threshold line stands. Defaults to 0.5.
        name (str): Name of the instance. Defaults to ``'visualizer'``.
        vis_backends (list | None): Configs of the backends that store pictures.
            Defaults to None.
        save_dir (str | None): Folder of the backends; None stores nothing.
            Defaults to None.

    Examples:
        >>> import torch
        >>> from mmaction.structures import ActionDataSample
        >>> sample = ActionDataSample().set_pred_score(torch.tensor([.9, .1]))
        >>> visualizer = AUVisualizer(aus=[4, 12])
        >>> frame = np.zeros((64, 64, 3), np.uint8)
        >>> visualizer.add_datasample('clip', frame, sample).ndim
        3
    """

    def __init__(
        self,
        aus: Sequence[int] | None = None,
        threshold: float = 0.5,
        name: str = 'visualizer',
        vis_backends: list[dict] | None = None,
        save_dir: str | None = None,
    ) -> None:
        super().__init__(name, vis_backends=vis_backends, save_dir=save_dir)
        self.aus = None if aus is None else tuple(aus)
        self.threshold = threshold

    @master_only
    def add_datasample(
        self,
        name: str,
        image: np.ndarray,
        data_sample: BaseDataElement,
        step: int = 0,
        show: bool = False,
        wait_time: float = 0.0,
        out_file: str | Path | None = None,
    ) -> np.ndarray:
        """Draw one clip.

        Args:
            name (str): Identifier under which backends store the picture.
            image (np.ndarray): A frame of the clip, grey or RGB, ``uint8`` or floats
                in [0, 1].
            data_sample (BaseDataElement): Holds ``pred_score`` and, where known,
                ``gt_label``: 1 present, 0 absent, -1 unknown.
            step (int): Global step of the record. Defaults to 0.
            show (bool): Whether to open a window. Defaults to False.
            wait_time (float): Seconds that the window stays; 0 is for ever.
                Defaults to 0.0.
            out_file (str | Path | None): Picture file to write instead of handing it
                to the backends. Defaults to None.

        Returns:
            np.ndarray: The picture, RGB ``uint8``.

        Raises:
            ValueError: If the AU numbers are not known or not as many as the scores.

        Shapes:
            - image: :math:`(H, W)` or :math:`(H, W, 3)`
            - pred_score, gt_label: :math:`(N,)`
        """
        scores = data_sample.pred_score.tolist()
        labels = None
        if 'gt_label' in data_sample:
            labels = data_sample.gt_label.tolist()
        figure = draw_clip_scores(
            name, image, self._aus(len(scores)), scores, labels, self.threshold)
        drawn = figure_array(figure)
        if show:
            self.show(drawn, win_name=name, wait_time=wait_time)
        if out_file is None:
            self.add_image(name.replace('/', '_'), drawn, step)
        else:
            save_figure(figure, out_file)
        return drawn

    @master_only
    def add_timeline(
        self, name: str, result: Mapping[str, Any], step: int = 0
    ) -> np.ndarray:
        """Draw when which AUs of a video moved.

        Args:
            name (str): Identifier under which backends store the picture.
            result (Mapping): A result of the inferencer.
            step (int): Global step of the record. Defaults to 0.

        Returns:
            np.ndarray: The picture, RGB ``uint8``.
        """
        return add_figure(self, name, draw_timeline(result), step)

    @master_only
    def add_heat_map(
        self,
        name: str,
        image: np.ndarray,
        heat: np.ndarray,
        step: int = 0,
        largest: float | None = None,
    ) -> np.ndarray:
        """Lay over a face what each place adds to the score of an AU.

        Args:
            name (str): Identifier under which backends store the picture.
            image (np.ndarray): The face, grey or RGB, ``uint8`` or floats in [0, 1].
            heat (np.ndarray): A grid over the picture.
            step (int): Global step of the record. Defaults to 0.
            largest (float | None): Heat of the full colour; None is the largest.
                Defaults to None.

        Returns:
            np.ndarray: The picture, RGB ``uint8``.

        Shapes:
            - image: :math:`(H, W)` or :math:`(H, W, 3)`; heat: :math:`(h, w)`
        """
        laid = lay_heat(image, heat, largest)
        self.add_image(name.replace('/', '_'), laid, step)
        return laid

    @master_only
    def add_au_graph(
        self,
        name: str,
        edges: Sequence[tuple[int, int, int | str]],
        strengths: ArrayLike,
        probabilities: ArrayLike | None = None,
        step: int = 0,
        aus: Sequence[int] | None = None,
    ) -> np.ndarray:
        """Draw the learned relations among the AUs.

        Args:
            name (str): Identifier under which backends store the picture.
            edges (Sequence[tuple]): Indices of both AUs, and the relation type.
            strengths (ArrayLike): Signed strength of each edge.
            probabilities (ArrayLike | None): Score of each AU. Defaults to None.
            step (int): Global step of the record. Defaults to 0.
            aus (Sequence[int] | None): AU numbers; None is the visualizer's own list.
                Defaults to None.

        Returns:
            np.ndarray: The picture, RGB ``uint8``.

        Raises:
            ValueError: If no AU list is known, or an edge does not fit it.

        Shapes:
            - strengths: :math:`(edges,)`; probabilities: :math:`(N,)`
        """
        aus = self._aus() if aus is None else aus
        figure = draw_au_graph(aus, edges, strengths, probabilities)
        return add_figure(self, name, figure, step)

    @master_only
    def add_prompt(self, name: str, text: str, step: int = 0) -> np.ndarray:
        """Record the prompt that the LLM reads: as text where a backend takes it.

        Args:
            name (str): Identifier under which backends store it.
            text (str): The prompt.
            step (int): Global step of the record. Defaults to 0.

        Returns:
            np.ndarray: The text as a picture, RGB ``uint8``.
        """
        return add_text(self, name, text, step)

    def _aus(self, count: int | None = None) -> Sequence[int]:
        """The AU list; ``count`` is how many scores it has to fit."""
        aus = self.aus if self.aus is not None else (self.dataset_meta or {}).get('aus')
        if aus is None or count not in (None, len(aus)):
            known = 'no AU list' if aus is None else f'{len(aus)} AUs'
            wanted = '' if count is None else f', but the clip has {count} scores'
            raise ValueError(
                f"AUVisualizer has {known}{wanted}. Set visualizer=dict("
                "type='AUVisualizer', aus=[...]) to the list of the head."
            )
        return aus
