# Copyright (c) AULLM-MM contributors.
"""Interventions that make counterfactuals: on rules, on context, on evidence."""
from __future__ import annotations

from typing import NamedTuple, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aullm_mm.faces.au_places import place_maps

from ..evidence import whole  # noqa: F401 (doctest)
from ..graphs.au_relation_gnn import Rules

INTERVENTIONS = ('rules', 'context', 'evidence')
GRID = 30  # cells that regions are drawn on
# Of an AU's place map: its places when they are taken out. At most this, so that less
# than a quarter of any AU's map is left and the AU counts as exchanged.
REACH = 0.3


def drop_rules(rules: Rules, batch: int, fraction: float = 0.3) -> Rules:
    """Drop each undirected edge of each clip with a probability.

    Args:
        rules: The factual rules, forward edges first, then the same edges backwards.
        batch: Number of clips.
        fraction: Probability of an edge to be dropped. Defaults to 0.3.

    Shapes:
        - scale of the output: :math:`(B, R)`
    """
    keep = torch.rand(batch, _undirected(rules), device=rules.scale.device) >= fraction
    return rules._replace(scale=rules.scale * keep.repeat(1, 2))


def reweight_rules(rules: Rules, batch: int, spread: float = 0.5) -> Rules:
    """Scale the strength of each undirected edge by a factor in [1 - s, 1 + s].

    Args:
        rules: The factual rules.
        batch: Number of clips.
        spread: Largest relative change :math:`s`. Defaults to 0.5.

    Shapes:
        - scale of the output: :math:`(B, R)`
    """
    noise = torch.rand(batch, _undirected(rules), device=rules.scale.device) * 2 - 1
    return rules._replace(scale=rules.scale * (1 + spread * noise).repeat(1, 2))


def rewire_rules(rules: Rules, num_aus: int) -> Rules:
    """Move every edge to a random pair of AUs, at the same density.

    Args:
        rules: The factual rules.
        num_aus: Number of AUs :math:`N`.
    """
    device = rules.edge_index.device
    pairs = torch.triu_indices(num_aus, num_aus, offset=1, device=device)
    chosen = pairs[:, torch.randperm(pairs.shape[1], device=device)]
    chosen = chosen[:, :_undirected(rules)]  # (2, R / 2)
    return rules._replace(edge_index=torch.cat([chosen, chosen.flip(0)], dim=1))


def intervene_on_rules(rules: Rules, batch: int, num_aus: int) -> Rules:
    """Drop, re-weight or re-wire the rules, one of the three at random."""
    kind = int(torch.randint(3, ()))
    if kind == 0:
        return drop_rules(rules, batch)
    if kind == 1:
        return reweight_rules(rules, batch)
    return rewire_rules(rules, num_aus)


class Counterfactual(NamedTuple):
    """The evidence of a batch after an intervention, and the answer that it must get.

    Shapes:
        - maps: each :math:`(B, C, T, H, W)`; high: :math:`(B, C)`
        - same: :math:`(B, N)`, bool: AUs whose answer must stay what it was
        - labels: :math:`(B, N)`: 1 present, 0 absent, -1 not known
    """

    maps: tuple[Tensor, ...]
    high: Tensor
    same: Tensor
    labels: Tensor


class FaceRegions(nn.Module):
    """Where the AUs of a list are seen, to take evidence out or to put it in.

    An intervention keeps a part of the face of each clip and takes the rest from
    another clip of the batch:

    - ``context``: the places of some AUs, drawn at random, are kept, and all else is
      exchanged: identity, light, other AUs. The answer on the kept AUs must stay.
    - ``evidence``: the places of one AU (one that is present, where there is one) are
      exchanged, all else is kept. The AU is then there only if the other clip has it,
      so its score must fall where that one has not; the answer on unrelated AUs must
      stay.

    An AU counts as kept when at least ``kept`` of its places is, as exchanged when at
    most ``1 - kept`` is; in between its label is known only where both clips agree.

    Source: our reading of CCR (AULLM++, arXiv 2603.08387, body not reachable).

    Args:
        aus: AU numbers.
        kept: Share of an AU's places. Defaults to 0.75.

    Examples:
        >>> regions = FaceRegions((1, 12))
        >>> maps, labels = (torch.rand(2, 3, 1, 8, 8),), torch.eye(2)
        >>> changed = regions.intervene('evidence', maps, whole(maps), labels)
        >>> changed.labels.shape, changed.maps[0].shape
        (torch.Size([2, 2]), torch.Size([2, 3, 1, 8, 8]))
    """

    def __init__(self, aus: Sequence[int], kept: float = 0.75) -> None:
        super().__init__()
        self.kept = kept
        places = torch.from_numpy(place_maps(aus, (GRID, GRID)))
        self.register_buffer('places', places, persistent=False)  # (N, 30, 30)

    def intervene(
        self, name: str, maps: tuple[Tensor, ...], high: Tensor, labels: Tensor
    ) -> Counterfactual:
        """Exchange a part of the face of each clip for that of another."""
        batch = len(labels)
        donor = torch.randperm(batch, device=labels.device)
        if name == 'context':
            mask = self._keep_some(batch)
        else:
            mask = 1 - self._places_of_one(labels)
        coverage = self._coverage(mask)  # (B, N)
        changed = tuple(self._mix(x, x[donor], mask) for x in maps)
        # A vector that stands for the whole face is mixed by area.
        share = mask.mean(dim=(1, 2))[:, None]
        vector = share * high + (1 - share) * high[donor]
        return Counterfactual(
            changed, vector, coverage >= self.kept,
            self._labels(labels, labels[donor], coverage))

    def _keep_some(self, batch: int) -> Tensor:
        """Masks (B, 30, 30) of what lies nearer to the kept AUs than to the others."""
        chosen = torch.rand(batch, len(self.places), device=self.places.device) < 0.5
        weights = chosen[:, :, None, None].to(self.places)
        inside = (weights * self.places).amax(dim=1)
        outside = ((1 - weights) * self.places).amax(dim=1)
        return (inside > outside).to(self.places)

    def _places_of_one(self, labels: Tensor) -> Tensor:
        """Masks (B, 30, 30) of the places of one AU of each clip."""
        weights = 1e-3 + (labels > 0).float()
        chosen = torch.multinomial(weights, 1).squeeze(1)  # (B,)
        return (self.places[chosen] > REACH).to(self.places)

    def _coverage(self, mask: Tensor) -> Tensor:
        inside = torch.einsum('nhw,bhw->bn', self.places, mask)
        return inside / self.places.sum(dim=(1, 2))

    def _labels(self, own: Tensor, other: Tensor, coverage: Tensor) -> Tensor:
        agreed = torch.where(own == other, own, torch.full_like(own, -1))
        known = torch.where(coverage >= self.kept, own, agreed)
        return torch.where(coverage <= 1 - self.kept, other, known)

    @staticmethod
    def _mix(own: Tensor, other: Tensor, mask: Tensor) -> Tensor:
        mask = F.adaptive_avg_pool2d(mask[:, None], own.shape[-2:])  # (B, 1, H, W)
        mask = mask[:, :, None].to(own)  # (B, 1, 1, H, W)
        return mask * own + (1 - mask) * other


def _undirected(rules: Rules) -> int:
    return rules.edge_index.shape[1] // 2


def check_interventions(
    names: tuple[str, ...], has_rules: bool = True
) -> tuple[str, ...]:
    """Raise a ValueError if a name is not a known intervention.

    Args:
        names: Names of interventions.
        has_rules: Whether there are rules; if not, ``'rules'`` is left out.
            Defaults to True.
    """
    unknown = [name for name in names if name not in INTERVENTIONS]
    if unknown:
        raise ValueError(
            f'Unknown interventions {unknown}; known are {list(INTERVENTIONS)}.')
    return tuple(name for name in names if name != 'rules' or has_rules)


def draw_interventions(names: tuple[str, ...], count: int) -> list[str]:
    """Draw some of the interventions for a training step, none twice.

    Args:
        names: What to draw from; from nothing, nothing is drawn.
        count: How many are wanted.
    """
    if not names:
        return []
    order = torch.randperm(len(names)).tolist()
    return [names[i] for i in order[:count]]


def stack_batches(parts: list[Tensor | None]) -> Tensor | None:
    """Join the tokens of several passes along the batch; None stays None."""
    return None if parts[0] is None else torch.cat(parts)
