# Copyright (c) AULLM-MM contributors.
"""Convert a packaged LLM into a Hugging Face folder and print where it lies."""
from __future__ import annotations

import argparse
import sys

from aullm_mm.models.llm.packaged import PACKAGED_LLMS, prepare_llm


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'name', nargs='?', default='SmolLM2-135M-Instruct',
        choices=sorted(PACKAGED_LLMS),
        help='packaged LLM (default: %(default)s)')
    return parser.parse_args()


def main() -> int:
    """Convert, print the folder."""
    name = parse_args().name
    try:
        print(prepare_llm(name, progress=True))
    except (ImportError, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
