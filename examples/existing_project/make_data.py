# Copyright (c) AULLM-MM contributors.
"""Lay a corpus out as an ordinary MMAction2 raw-frame project.

Writes ``frames/<clip>/img_00001.jpg`` and the annotation lists ``train.txt`` and
``test.txt`` of MMAction2's ``RawframeDataset`` (folder, number of frames, labels).
"""
from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from aullm_mm.datasets.annotations import label_matrix, load_table
from aullm_mm.datasets.corpora import ensure_annotations
from aullm_mm.datasets.protocols import split_by_subject
from aullm_mm.utils.cli import run_cli

AUS = (1, 2, 4, 7, 12, 14, 15, 17)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--corpus-root', default='data/casme2')
    parser.add_argument('--out', default='data/my_project')
    return parser.parse_args()


def main() -> None:
    """Copy the frames and write the lists; clips without a listed AU are left out."""
    args = parse_args()
    root, out = Path(args.corpus_root), Path(args.out)
    split = split_by_subject(load_table(ensure_annotations('casme2', root)).records)
    for part, records in (('train', split.train), ('test', split.test)):
        lines = []
        for record, labels in zip(records, label_matrix(records, AUS)):
            present = [str(i) for i, label in enumerate(labels) if label == 1]
            if not present:
                continue
            name = f'{record.subject}_{record.clip}'
            count = copy_frames(record, root, out / 'frames' / name)
            lines.append(' '.join([name, str(count), *present]))
        (out / f'{part}.txt').write_text('\n'.join(lines) + '\n', encoding='utf-8')
    print(f'{out} holds an ordinary MMAction2 raw-frame project')


def copy_frames(record, root: Path, folder: Path) -> int:
    """Copy the frames of a clip, numbered from 1; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for number in range(record.onset, record.offset + 1):
        source = root / record.frame_path(number)
        if source.is_file():
            count += 1
            shutil.copyfile(source, folder / f'img_{count:05d}.jpg')
    return count


if __name__ == '__main__':
    run_cli(main)
