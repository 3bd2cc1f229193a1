# Copyright (c) AULLM-MM contributors.
"""How many cores this process may use, and work spread over them."""
from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Callable, Iterable, Iterator, TypeVar

import cv2

Item = TypeVar('Item')
Result = TypeVar('Result')


def available_cores() -> int:
    """Cores that this process is allowed to run on, at least one.

    Examples:
        >>> available_cores() >= 1
        True
    """
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:  # not on macOS
        return max(1, os.cpu_count() or 1)


def run_in_threads(
    function: Callable[[Item], Result], items: Iterable[Item], jobs: int
) -> Iterator[Result]:
    """Work on items side by side; results come as they are ready, in any order.

    Threads, not forked processes: a fork inherits the locks of OpenCV's and PyTorch's
    threads but not the threads, and then waits for ever. OpenCV and NumPy leave
    Python's lock alone, so that work on pictures is as fast in threads.

    Args:
        function: What to do with an item; must be safe to run in several threads.
        items: The items; started in this order.
        jobs: Number of threads.

    Raises:
        ValueError: If ``jobs`` is below 1.
        Exception: The first error of an item; items not yet begun are left out.

    Examples:
        >>> sorted(run_in_threads(abs, [-1, 2], jobs=2))
        [1, 2]
    """
    if jobs < 1:
        raise ValueError(f'jobs must be at least 1, got {jobs}')
    with one_opencv_thread(), ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(function, item) for item in items]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """Keep OpenCV's own threads from fighting over the cores with ours."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
