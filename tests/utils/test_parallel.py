# Copyright (c) AULLM-MM contributors.
"""Work spread over the cores stays in this process, and its errors come out."""
import os
import threading
import time

import cv2
import numpy as np
import pytest

from aullm_mm.utils.parallel import run_in_threads


def test_work_after_opencv_used_its_own_threads_does_not_hang():
    # A forked worker would wait for ever for the threads of its parent's OpenCV.
    cv2.setNumThreads(2)
    cv2.GaussianBlur(np.zeros((999, 999), np.uint8), (31, 31), 5)
    found = set(run_in_threads(lambda _: (os.getpid(), cv2.getNumThreads()), [1, 2], 2))
    assert found == {(os.getpid(), 1)} and cv2.getNumThreads() == 2


def test_two_items_are_worked_on_at_once():
    both = threading.Barrier(2, timeout=30)
    assert len(list(run_in_threads(lambda _: both.wait(), range(2), jobs=2))) == 2


def test_error_comes_out_and_what_was_not_begun_is_left_out():
    begun = []

    def fail_first(item):
        begun.append(item)
        if item == 0:
            raise OSError('disk full')
        time.sleep(0.01)  # else one thread is through before the error is seen
        return item

    with pytest.raises(OSError, match='disk full'):
        list(run_in_threads(fail_first, range(1000), jobs=1))
    assert len(begun) < 1000


def test_no_thread_is_refused():
    with pytest.raises(ValueError, match='jobs must be at least 1, got 0'):
        list(run_in_threads(abs, [1], jobs=0))
