# Copyright (c) AULLM-MM contributors.
"""How faithful deduction traces are: regions, heat maps and rules against chance."""
from __future__ import annotations

import argparse
import random
from collections import Counter
from typing import Sequence

from torch import nn

from aullm_mm.apis.inferencer.recognizer import load_recognizer
from aullm_mm.explain import trace_clips
from aullm_mm.explain.corpus import open_corpus, uncached
from aullm_mm.explain.estimates import estimate_errors
from aullm_mm.explain.rephrase import llm_of, rephrase
from aullm_mm.explain.study import Study, study_clips, summarize
from aullm_mm.utils.cli import run_cli


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'weights', nargs='?', help='checkpoint or zoo model; by default the packaged')
    parser.add_argument('--data-root', default='data/casme2')
    parser.add_argument('--corpus', default='casme2')
    parser.add_argument('--clips', type=int, default=60, help='clips, drawn at random')
    parser.add_argument(
        '--random-regions', type=int, default=10, help='random regions an AU')
    parser.add_argument(
        '--nodes', action='store_true', help='judge by the nodes alone, without LLM')
    parser.add_argument(
        '--estimates', action='store_true',
        help='instead: how far the nodes are from the whole model')
    parser.add_argument(
        '--rephrase', action='store_true',
        help="instead: how often the LLM's own words may stand")
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--device')
    return parser.parse_args()


def print_table(study: Study) -> None:
    """Print the means with their intervals."""
    rows = summarize(study)
    subjects = len({one.subject for one in study.judged})
    print(f'{len(study.judged)} AUs found, in clips of {subjects} subjects')
    print('| what | mean | 95 % interval over subjects |\n|---|---|---|')
    for name, (mean, low, high) in rows.items():
        print(f'| {name} | {mean:.3f} | {low:.3f} to {high:.3f} |')
    print(f'{study.rules_tested} rules removed, {study.rules_decisive} said to be '
          f'decisive, {study.rules_true} of them change the answer as said')


def print_estimates(
    model: nn.Module, data: Sequence[dict], thresholds: Sequence[float]
) -> None:
    """Print how far the nodes are from the whole model."""
    found = estimate_errors(model, data, thresholds)
    print(f'{len(data)} clips: removing a region changes a logit by '
          f'{found.logit_change:.3f} on average; by the nodes and in full it differs '
          f'by {found.difference:.3f}. Removed rules that change an answer: '
          f'{found.flips_by_nodes} by the nodes, {found.flips_in_full} in full, '
          f'{found.flips_by_both} the same by both.')


def print_prose(
    model: nn.Module, data: Sequence[dict], thresholds: Sequence[float]
) -> None:
    """Print how many traces the LLM rephrased so that they stand, and why not."""
    reasons = Counter(
        rephrase(trace, llm_of(model))['rephrased']['why_not'] or 'taken'
        for trace in trace_clips(model, data, thresholds))
    print(f'{len(data)} traces: ' + ', '.join(
        f'{count} {reason}' for reason, count in reasons.most_common()))


def main() -> None:
    """Draw clips, trace and judge them."""
    args = parse_args()
    known = load_recognizer(args.weights, device=args.device)
    dataset = open_corpus(
        args.corpus, args.data_root, known.aus, uncached(known.pipeline))
    chosen = random.Random(args.seed).sample(
        range(len(dataset)), min(args.clips, len(dataset)))
    data = [dataset[i] for i in sorted(chosen)]
    if args.estimates:
        print_estimates(known.model, data, known.thresholds)
    elif args.rephrase:
        print_prose(known.model, data, known.thresholds)
    else:
        print_table(study_clips(
            known.model, data, known.thresholds, count=args.random_regions,
            nodes=args.nodes, seed=args.seed))


if __name__ == '__main__':
    run_cli(main)
