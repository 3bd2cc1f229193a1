# Copyright (c) AULLM-MM contributors.
"""A page on this computer to drop a video on: ``python tools/webapp.py``."""
from __future__ import annotations

import argparse

from aullm_mm.apis.inferencer import AUInferencer
from aullm_mm.apis.webapp import WebSettings, run_webapp
from aullm_mm.utils.cli import run_cli


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    usual = WebSettings()
    parser = argparse.ArgumentParser(
        description='Serve a page to drop a video on, which shows its action units. '
        'The packaged weights have seen generated clips only.')
    parser.add_argument(
        '--host', default=usual.host,
        help='address to listen at; there is no login (default: %(default)s, this '
        'computer alone)')
    parser.add_argument(
        '--port', type=int, default=usual.port,
        help='0 for any free one, which is printed (default: %(default)s)')
    parser.add_argument('--open', action='store_true', help='open a browser')
    parser.add_argument('--weights', help='checkpoint, or a model of the zoo')
    parser.add_argument('--config', help='config, in place of the checkpoint\'s own')
    parser.add_argument('--device', help='cpu, cuda, ...')
    parser.add_argument(
        '--no-llm', action='store_true', help='evidence and structure decide, always')
    for name, kind, what in (
            ('max_mb', float, 'largest video in megabytes'),
            ('max_minutes', float, 'longest video in minutes'),
            ('max_waiting', int, 'videos that may wait for the one at work'),
            ('keep_minutes', float, 'minutes that a result is kept'),
            ('keep_results', int, 'how many results are kept')):
        parser.add_argument(
            f'--{name.replace("_", "-")}', type=kind, default=getattr(usual, name),
            help=f'{what} (default: %(default)s)')
    return parser.parse_args()


def main() -> None:
    """Serve as the command line says."""
    args = parse_args()
    settings = WebSettings(
        args.host, args.port, args.max_mb, args.max_minutes, args.max_waiting,
        args.keep_minutes, args.keep_results)
    run_webapp(lambda: AUInferencer(
        args.config, args.weights, args.device, llm=not args.no_llm),
        settings, args.open)


if __name__ == '__main__':
    run_cli(main)
