# Copyright (c) AULLM-MM contributors.
"""MMEngine visualizer that sets the AU scores beside a frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.dist import master_only
from mmengine.structures import BaseDataElement
from mmengine.visualization import Visualizer

from aullm_mm.registry import VISUALIZERS

from .motion import as_picture
from .pictures import draw_bars
from .style import INK, MEDIUM, new_figure, save_figure


@VISUALIZERS.register_module()
class AUVisualizer(Visualizer):
    """Draw a frame with a bar of each AU score, and hand it to all backends.

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
        labels = [-1.0] * len(scores)
        if 'gt_label' in data_sample:
            labels = data_sample.gt_label.tolist()
        aus = self._aus(len(scores))
        figure = new_figure(max(2.4, 0.6 + 0.235 * len(aus)), width=8.0)
        grid = figure.add_gridspec(
            1, 3, width_ratios=(1, 0.95, 1), left=0.02, right=0.93, wspace=0.03
        )
        frame, bars = figure.add_subplot(grid[0]), figure.add_subplot(grid[2])
        frame.imshow(as_picture(image))
        frame.set_axis_off()
        frame.set_title(name, loc='left', fontsize=MEDIUM, fontweight='bold', color=INK)
        draw_bars(bars, aus, scores, labels, self.threshold)
        figure.canvas.draw()
        drawn = np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()
        if show:
            self.show(drawn, win_name=name, wait_time=wait_time)
        if out_file is None:
            self.add_image(name.replace('/', '_'), drawn, step)
        else:
            save_figure(figure, out_file)
        return drawn

    def _aus(self, count: int) -> Sequence[int]:
        aus = self.aus if self.aus is not None else (self.dataset_meta or {}).get('aus')
        if aus is None or len(aus) != count:
            known = 'no AU list' if aus is None else f'{len(aus)} AUs'
            raise ValueError(
                f'AUVisualizer has {known}, but the clip has {count} scores. Set '
                "visualizer=dict(type='AUVisualizer', aus=[...]) to the list of the "
                'head.'
            )
        return aus
