# Copyright (c) AULLM-MM contributors.
"""Turn the official release of a corpus into an annotation table and a report."""
from __future__ import annotations

import argparse
from pathlib import Path

from aullm_mm.datasets.corpora import CORPORA, format_report, prepare_corpus
from aullm_mm.utils.cli import run_cli


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('corpus', help=f'one of {", ".join(CORPORA)}')
    parser.add_argument('--root', type=Path,
                        help='folder of the release (default: data/CORPUS)')
    parser.add_argument('--out', type=Path,
                        help='table to write (default: ROOT/annotations.json)')
    return parser.parse_args()


def main() -> None:
    """Prepare the corpus and print its report."""
    args = parse_args()
    root = args.root or Path('data') / args.corpus
    out = args.out or root / 'annotations.json'
    table = prepare_corpus(args.corpus, root, out)
    print(format_report(table), end='')
    print(f'\nWrote {out} and {out.with_suffix(".report.txt")}')


if __name__ == '__main__':
    run_cli(main)
