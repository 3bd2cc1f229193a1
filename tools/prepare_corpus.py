# Copyright (c) AULLM-MM contributors.
"""Turn the official release of a corpus into an annotation table and a report."""
from __future__ import annotations

import argparse
from pathlib import Path

from aullm_mm.datasets.corpora import (CORPORA, FrameCheck, align_corpus, check_frames,
                                       find_corpus, format_alignment, format_report,
                                       prepare_corpus)
from aullm_mm.utils.cli import USER_ERROR, run_cli


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('corpus', help=f'one of {", ".join(CORPORA)}')
    parser.add_argument('--root', type=Path,
                        help='folder of the release (default: data/CORPUS)')
    parser.add_argument('--out', type=Path,
                        help='table to write (default: ROOT/annotations.json)')
    parser.add_argument('--align', type=Path, metavar='FOLDER',
                        help='write aligned crops of the clips to a folder, as a '
                             'release of the same layout, and prepare that one')
    parser.add_argument('--no-repair', action='append', default=[], metavar='NAME',
                        help='leave a repair out, or "all"; may be given several times')
    parser.add_argument('--list-repairs', action='store_true',
                        help='print the repairs of the corpus and their sources; read '
                             'nothing')
    parser.add_argument('--check', action='store_true',
                        help='open every frame and end with code 2 if one is broken')
    return parser.parse_args()


def main() -> int:
    """Prepare the corpus and print its report."""
    args = parse_args()
    if args.list_repairs:
        print(list_repairs(args.corpus), end='')
        return 0
    root = args.root or Path('data') / args.corpus
    if args.align:
        done = align_corpus(args.corpus, root, args.align, args.no_repair)
        print(format_alignment(done))
        root = args.align
    out = args.out or root / 'annotations.json'
    table = prepare_corpus(args.corpus, root, out, args.no_repair)
    print(format_report(table), end='')
    print(f'\nWrote {out} and {out.with_suffix(".report.txt")}')
    if not args.check:
        return 0
    check = check_frames(table, root)
    print(format_check(check, len(table.records)), end='')
    return USER_ERROR if check.broken else 0


def list_repairs(name: str) -> str:
    """Repairs of a corpus: name, what it does, for which clips and why.

    Args:
        name: Name of the corpus.

    Raises:
        ValueError: If there is no such corpus.
    """
    return ''.join(
        f'{repair.name}: {repair.what}; for {", ".join(repair.clips) or "every clip"} '
        f'({repair.source})\n' for repair in find_corpus(name).switches())


def format_check(check: FrameCheck, clips: int) -> str:
    """What came of opening the frames, for people.

    Args:
        check: The result.
        clips: How many clips were looked at.
    """
    lines = [f'\nOpened {check.frames} frames of {clips} clips: '
             f'{len(check.broken)} broken']
    lines += [f'  {clip}: {message}' for clip, message in check.broken]
    return '\n'.join(lines) + '\n'


if __name__ == '__main__':
    run_cli(main)
