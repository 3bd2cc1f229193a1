# Copyright (c) AULLM-MM contributors.
"""From logits to the plain entries of a trace."""
from __future__ import annotations

from typing import Any, Sequence

import numpy as np
import torch
from torch import Tensor

from aullm_mm.facs import action_unit
from aullm_mm.zoo.select import edges_of

from .effects import FULL, Effects
from .prototypes import closest_prototypes
from .reading import ModelReader
from .regions import FACE_REGIONS, FaceRegion

SCHEMA = 1
DIGITS = 3
TOP = 3  # regions of a present AU that are listed however small their effect
LEAST = 0.01  # else a region is listed from this drop of the score
#: What a counterfactual should do to the answer; of removing all rules nothing is
#: expected.
EXPECTED = {
    'evidence': 'fall', 'still context': 'same', 'other context': 'same',
    'no rules': None, 'rewired rules': 'same'}


def clip_trace(
    reader: ModelReader, answer: Any, effects: Effects, clip: int,
    limits: Sequence[float], names: Sequence[str | None], settings: dict
) -> dict:
    """The trace of one clip, without its text.

    Args:
        reader: The model.
        answer: Its answer on the unchanged clips.
        effects: What the interventions did.
        clip: Index of the clip.
        limits: Threshold of each AU.
        names: Name of each clip, or None.
        settings: What the trace was made with.
    """
    rows = [r for r, trial in enumerate(effects.trials) if trial.clip == clip]
    own = Effects([effects.trials[r] for r in rows], effects.before[rows].cpu(),
                  effects.after[rows].cpu(), [effects.measured[r] for r in rows])
    view = ClipView(reader, answer, own, clip, limits)
    found = [entry['au'] for entry in view.aus if entry['present']]
    return dict(
        schema=SCHEMA, clip=names[clip], decided_by=_decided_by(reader), aus=view.aus,
        heat=view.heat(), rules=view.rules(),
        counterfactuals=view.counterfactuals(names),
        emotions=dict(closest=closest_prototypes(found), branch=view.branch()),
        settings=settings)


class ClipView:
    """One clip's scores and effects, entry by entry.

    Args:
        reader: The model.
        answer: Its answer on the unchanged clips.
        effects: What the interventions on this clip did.
        clip: Index of the clip.
        limits: Threshold of each AU.
    """

    def __init__(
        self, reader: ModelReader, answer: Any, effects: Effects, clip: int,
        limits: Sequence[float]
    ) -> None:
        self.reader, self.answer, self.clip = reader, answer, clip
        self.effects, self.limits = effects, limits
        logits = answer.logits[clip].cpu()
        self.cuts = torch.logit(torch.tensor(limits, dtype=torch.float64)).to(logits)
        self.present = (logits >= self.cuts).tolist()
        self.flipped = effects.flips(self.cuts).numpy()
        before, after = effects.before.double(), effects.after.double()
        self.moved = (after - before).numpy()  # (V, N)
        # Rounded at once: a trace has thousands of numbers.
        self.shown = [np.round(values.numpy(), DIGITS).tolist() for values in (
            before.sigmoid(), after.sigmoid(), after - before + 0.0)]
        self.rows = {what: [r for r, t in enumerate(effects.trials) if t.what == what]
                     for what in ('region', 'rule', *EXPECTED)}
        self.aus = [self._au(index, logits) for index in range(len(reader.aus))]

    def _au(self, index: int, logits: Tensor) -> dict:
        number, logit = self.reader.aus[index], float(logits[index])
        node = float(self.answer.premises.node_logits[self.clip, index])
        llm = None if self.reader.llm is None else (
            rounded(logit - node) if self.reader.adds else rounded(logit))
        return dict(
            au=number, name=action_unit(number).name, score=probability(logit),
            threshold=self.limits[index], present=self.present[index],
            logit=rounded(logit), node_logit=rounded(node), llm_logit=llm,
            regions=self._regions(index))

    def _regions(self, index: int) -> list[dict]:
        """Regions whose removal lowers an AU's score, the strongest first."""
        drops = -self.moved[:, index]
        rows = sorted(self.rows['region'], key=lambda row: -drops[row])
        found = []
        for rank, row in enumerate(rows):
            region = self._region(row)
            entry = dict(
                region=region.name, side=region.side, **self.change(row, index),
                measured=self.effects.measured[row])
            entry['drop'] = rounded(entry['before'] - entry['score'])
            foremost = self.present[index] and rank < TOP and drops[row] > 0
            if foremost or entry['drop'] >= LEAST:
                found.append(entry)
        return found

    def _region(self, row: int) -> FaceRegion:
        return FACE_REGIONS[self.effects.trials[row].of]

    def change(self, row: int, index: int) -> dict:
        """What a trial did to one AU."""
        before, after, moved = (values[row][index] for values in self.shown)
        return dict(before=before, score=after, logit_change=moved + 0.0,
                    flips=bool(self.flipped[row, index]))

    def heat(self) -> dict:
        """Fall of every AU's logit with every region."""
        moved = self.shown[2]
        rows = [row for row in self.rows['region'] if _is_part(self._region(row))]
        return dict(regions=[str(self._region(row)) for row in rows], logit_drop={
            str(number): [0.0 - moved[row][index] for row in rows]
            for index, number in enumerate(self.reader.aus)})

    def rules(self) -> list[dict]:
        """Every rule with its strength and what removing it does, foremost first."""
        if not self.reader.has_rules:
            return []
        edges = edges_of(self.reader.graph)
        strength = self.reader.graph.strength.detach().tanh().cpu().tolist()
        entries, half = [], len(edges) // 2
        for row in self.rows['rule']:
            edge = self.effects.trials[row].of
            first, second, relation = edges[edge]
            ways = strength[edge], strength[edge + half]
            entries.append(dict(
                aus=[first, second], type=relation, strength=rounded(sum(ways) / 2),
                directions=[rounded(way) for way in ways], **self._removed(row)))
        return sorted(entries, key=lambda e: (
            not e['decisive'], not e['flips'], -abs(e['removed']['logit_change'])))

    def _removed(self, row: int) -> dict:
        flips, full = self.flips(row), self.effects.measured[row] == FULL
        # Where only the nodes say that it decides, it is not known.
        decisive = bool(flips) if full or not flips else None
        most = self._most(row)
        return dict(
            removed=dict(au=self.reader.aus[most], **self.change(row, most)),
            flips=flips, decisive=decisive, measured=self.effects.measured[row])

    def flips(self, row: int) -> list[int]:
        """AUs whose decision a trial changes."""
        return [self.reader.aus[i] for i in self.flipped[row].nonzero()[0]]

    def _most(self, row: int) -> int:
        """AU that a trial changes most: of those that flip, else of the present."""
        flipped, present = self.flipped[row], np.array(self.present)
        among = flipped if flipped.any() else present
        if not among.any():
            before, after, _ = self.shown
            return int(np.abs(np.subtract(after[row], before[row])).argmax())
        return int(np.where(among, np.abs(self.moved[row]), -1).argmax())

    def counterfactuals(self, names: Sequence[str | None]) -> list[dict]:
        """The counterfactuals that were tried, what should happen, and what did."""
        return [self._counterfactual(row, what, names)
                for what in EXPECTED for row in self.rows[what]]

    def _counterfactual(
        self, row: int, what: str, names: Sequence[str | None]
    ) -> dict:
        of = self.effects.trials[row].of
        flipped = self.flipped[row].tolist()
        if what == 'evidence':
            shown, held = [of], flipped[of]
        else:
            shown = [i for i, there in enumerate(self.present) if there or flipped[i]]
            about = shown if what == 'rewired rules' else [
                i for i in shown if self.present[i]]
            held = not any(flipped[i] for i in about)
        subject = {'evidence': lambda: self.reader.aus[of],
                   'other context': lambda: names[of],
                   'rewired rules': lambda: of}.get(what, lambda: None)()
        return dict(
            what=what, of=subject, expected=EXPECTED[what],
            held=held if EXPECTED[what] else None, flips=self.flips(row),
            changes=[dict(au=self.reader.aus[i], **self.change(row, i)) for i in shown],
            measured=self.effects.measured[row])

    def branch(self) -> dict | None:
        """Probabilities of the emotion branch, where there is one."""
        if self.answer.emotions is None:
            return None
        scores = self.answer.emotions[self.clip].tolist()
        return dict(zip(self.reader.head.emotion.classes, map(rounded, scores)))


def _is_part(region: FaceRegion) -> bool:
    """Whether a region is one of the parts that no other holds."""
    return region.side != 'both'


def rounded(value: float) -> float:
    """A number of a trace: three digits after the point.

    Examples:
        >>> rounded(-0.00001)
        0.0
    """
    return round(value, DIGITS) + 0.0


def probability(logit: float) -> float:
    """Score of a logit, rounded.

    Examples:
        >>> probability(0.0)
        0.5
    """
    return rounded(float(torch.tensor(logit).sigmoid()))


def _decided_by(reader: ModelReader) -> str:
    if reader.llm is None:
        return 'nodes' if reader.reasons else 'linear'
    return 'nodes + llm' if reader.adds else 'llm'
