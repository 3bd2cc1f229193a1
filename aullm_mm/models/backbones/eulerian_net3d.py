# Copyright (c) AULLM-MM contributors.
r"""Learnable Eulerian Dynamics followed by the 3-D CNN of AU-LLM."""
from __future__ import annotations

import math

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from aullm_mm.registry import MODELS


def eulerian_weights(rate1: Tensor, rate2: Tensor, num_frames: int) -> Tensor:
    r"""Matrix of the difference of two causal low-passes over time.

    .. math::
        y^r_0 = x_0, \quad y^r_t = (1 - r) y^r_{t-1} + r x_t, \qquad
        \sum_i x_i W_{it} = y^{r_1}_t - y^{r_2}_t

    For :math:`t \ge 1` the columns sum to zero, so a static clip gives exactly zero.

    Source: Learnable Eulerian Dynamics (Varanka et al., SCIA 2023), as released with
    AU-LLM. Its gain :math:`\alpha` is left out: it cancels in the normalisation.

    Args:
        rate1: Rate of the fast low-pass, in (0, 1].
        rate2: Rate of the slow low-pass, in (0, 1].
        num_frames: Number of frames :math:`T`.

    Shapes:
        - output: :math:`(T, T)`, column t weighs the frames of output t

    Examples:
        >>> w = eulerian_weights(torch.tensor(0.4), torch.tensor(0.05), 6)
        >>> bool(w[:, 1:].sum(0).abs().max() < 1e-6)
        True
    """
    step = torch.arange(num_frames, device=rate1.device)
    lag = step[None, :] - step[:, None]  # (T, T), output minus input index
    causal = lag >= 0
    lag = lag.clamp(min=0).to(rate1.dtype)

    def lowpass(rate: Tensor) -> Tensor:
        weights = (1 - rate) ** lag  # (T, T)
        first = (step == 0)[:, None]
        return torch.where(first, weights, weights * rate) * causal

    return lowpass(rate1) - lowpass(rate2)


class LearnableEulerianDynamics(nn.Module):
    r"""Motion frames of a clip: a learned temporal band-pass, normalised to [-1, 1].

    .. math::
        o_t = \frac{\sum_i x_i W_{it}}{\sum_i |x_i| |W_{it}| + \epsilon},
        \qquad t = 1, \dots, T - 1

    with :math:`W` of :func:`eulerian_weights`. Written as one matrix product over time.
    The two rates are stored as logarithms and are meant to have a learning rate of
    their own (0.1 in the LED paper).

    Args:
        rate1: Initial rate of the fast low-pass. Defaults to 0.4.
        rate2: Initial rate of the slow low-pass. Defaults to 0.05.

    Shapes:
        - clip: :math:`(B, C, T, H, W)`
        - output: :math:`(B, C, T - 1, H, W)`

    Examples:
        >>> led = LearnableEulerianDynamics()
        >>> float(led(torch.full((1, 1, 6, 4, 4), 7.)).abs().max())
        0.0
    """

    def __init__(self, rate1: float = 0.4, rate2: float = 0.05) -> None:
        super().__init__()
        for name, rate in (('rate1', rate1), ('rate2', rate2)):
            if not 0 < rate <= 1:
                raise ValueError(f'{name} must be in (0, 1], got {rate}.')
        self.log_rate1 = nn.Parameter(torch.tensor(math.log(rate1)))
        self.log_rate2 = nn.Parameter(torch.tensor(math.log(rate2)))

    def forward(self, clip: Tensor) -> Tensor:
        """Band-pass the clip over time."""
        rates = [log.exp().clamp(max=1.0) for log in (self.log_rate1, self.log_rate2)]
        weights = eulerian_weights(*rates, num_frames=clip.shape[2])[:, 1:]
        # Against the onset, a static pixel is exactly zero instead of rounding noise.
        change = clip - clip[:, :, :1]
        motion = torch.einsum('bcthw,ts->bcshw', change, weights)
        scale = torch.einsum('bcthw,ts->bcshw', clip.abs(), weights.abs())
        return motion / (scale + 1e-8)  # (B, C, T - 1, H, W)


class FrameSqueezeExcitation(nn.Module):
    """Squeeze-and-excitation of each frame apart, as AU-LLM adds to LED's network.

    Args:
        channels: Number of channels :math:`C`.
        reduction: Factor of the bottleneck. Defaults to 16.

    Shapes:
        - input and output: :math:`(B, C, T, H, W)`
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.gate = nn.Sequential(
            nn.Conv1d(channels, hidden, 1), nn.ReLU(),
            nn.Conv1d(hidden, channels, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        """Reweigh the channels of every frame."""
        gate = self.gate(x.mean(dim=(3, 4)))  # (B, C, T)
        return x * gate[..., None, None]


class FrameStem(nn.Module):
    """The layers that treat every frame apart: convolution, pooling, normalisation.

    Written in 2-D on the frames folded into the batch, which is the same as the
    (1, k, k) kernels of AU-LLM's script and several times faster on a CPU.

    Args:
        in_channels: Channels of a frame.
        channels: Channels of the output.
        dropout: Rate of the dropout of whole channels of a clip.

    Shapes:
        - clip: :math:`(B, C_{in}, T, H, W)`
        - output: :math:`(B, C, T, (H - 4) / 3, (W - 4) / 3)`
    """

    def __init__(self, in_channels: int, channels: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(in_channels, channels, 5), nn.ReLU(), nn.MaxPool2d(3),
            nn.BatchNorm2d(channels))
        self.dropout = nn.Dropout3d(dropout)

    def forward(self, clip: Tensor) -> Tensor:
        """Features of every frame."""
        frames = clip.transpose(1, 2).flatten(0, 1)  # (B * T, C_in, H, W)
        frames = self.layers(frames).unflatten(0, (clip.shape[0], -1))
        return self.dropout(frames.transpose(1, 2))  # (B, C, T, H', W')


@MODELS.register_module()
class EulerianNet3D(BaseModule):
    """LED front end and the small 3-D CNN with squeeze-excitation of AU-LLM.

    The layers follow AU-LLM's released script (arXiv 2507.21778): Conv3d(1, 5, 5),
    max-pool (1, 3, 3), Conv3d(2, 3, 3), SE, max-pool (2, 2, 2), then a linear layer to
    the high-level vector.

    Args:
        in_channels: Channels of a frame. Defaults to 1 (gray).
        num_frames: Number of frames :math:`T` of a clip, at least 4. Defaults to 6.
        image_size: Height and width of a frame in pixels. Defaults to 64.
        channels: Channels of the two convolutions. Defaults to (32, 64).
        high_channels: Length of the high-level vector. Defaults to 256.
        dropout: Rate of the three dropouts. Defaults to 0.3.
        rate1, rate2: Initial rates of LED.
        init_cfg: MMEngine's initialisation config.

    Shapes:
        - clip: :math:`(B, C, T, H, W)`, any scale of values
        - mid: :math:`(B, 64, 2, 9, 9)` for 6 frames of 64 x 64
        - high: :math:`(B, 256)`

    Examples:
        >>> mid, high = EulerianNet3D()(torch.rand(2, 1, 6, 64, 64))
        >>> tuple(mid.shape), tuple(high.shape)
        ((2, 64, 2, 9, 9), (2, 256))
    """

    def __init__(
        self,
        in_channels: int = 1,
        num_frames: int = 6,
        image_size: int = 64,
        channels: tuple[int, int] = (32, 64),
        high_channels: int = 256,
        dropout: float = 0.3,
        rate1: float = 0.4,
        rate2: float = 0.05,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if num_frames < 4:
            raise ValueError(f'num_frames must be at least 4, got {num_frames}.')
        first, second = channels
        self.clip_shape = (in_channels, num_frames, image_size, image_size)
        self.led = LearnableEulerianDynamics(rate1, rate2)
        self.stem = FrameStem(in_channels, first, dropout)
        self.body = nn.Sequential(
            nn.Conv3d(first, second, (2, 3, 3)), nn.ReLU(), nn.BatchNorm3d(second),
            FrameSqueezeExcitation(second), nn.MaxPool3d(2), nn.Dropout3d(dropout))
        side = ((image_size - 4) // 3 - 2) // 2
        flat = second * ((num_frames - 2) // 2) * side * side
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(flat, high_channels), nn.ReLU(),
            nn.Dropout(dropout))
        self.out_channels = (second, high_channels)

    def forward(self, clip: Tensor) -> tuple[Tensor, Tensor]:
        """Return mid-level texture and high-level semantics of the motion."""
        if tuple(clip.shape[1:]) != self.clip_shape:
            raise ValueError(
                f'EulerianNet3D was built for clips of shape (B, C, T, H, W) = (B, '
                f'{", ".join(map(str, self.clip_shape))}), got {tuple(clip.shape)}. '
                f'Set its num_frames and image_size to those of the pipeline.')
        mid = self.body(self.stem(self.led(clip)))  # (B, 64, 2, 9, 9)
        return mid, self.head(mid)
