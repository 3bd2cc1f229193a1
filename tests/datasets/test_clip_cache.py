# Copyright (c) AULLM-MM contributors.
import errno
import multiprocessing
import resource

import numpy as np
import pytest

from aullm_mm.datasets.clip_cache import ClipCache, clip_key

KEY = clip_key('clip')


def files(root):
    return sorted(path.name for path in root.rglob('*') if path.is_file())


def test_arrays_come_back_equal_and_memory_mapped(tmp_path):
    cache = ClipCache(tmp_path / 'cache')
    arrays = dict(imgs=np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
                  flow=np.random.rand(3, 4, 3).astype(np.float32),
                  apex_index=np.asarray(7))
    cache.put(KEY, arrays)
    back = ClipCache(tmp_path / 'cache').get(KEY)
    assert back.keys() == arrays.keys()
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        np.testing.assert_array_equal(back[name], array)
    assert isinstance(back['imgs'], np.memmap) and not back['imgs'].flags.writeable


def test_key_depends_on_every_part_and_their_order():
    keys = {clip_key(*parts) for parts in ([], ['a'], ['a', 1], [1, 'a'], ['a', [1]])}
    assert len(keys) == 5


def test_array_without_an_index_is_not_cached(tmp_path):
    cache = ClipCache(tmp_path)
    cache.put(KEY, dict(imgs=np.zeros(3)))
    assert cache.has(KEY)
    next(tmp_path.rglob('*.json')).unlink()
    assert not cache.has(KEY) and cache.get(KEY) is None


@pytest.mark.parametrize('damage', [
    lambda path: path.write_bytes(path.read_bytes()[:-40]),
    lambda path: path.write_bytes(b''),
    lambda path: path.unlink()])
def test_damaged_array_counts_as_not_cached(tmp_path, damage):
    cache = ClipCache(tmp_path)
    cache.put(KEY, dict(imgs=np.zeros((4, 8, 8), np.float32)))
    damage(next(tmp_path.rglob('*.npy')))
    assert cache.get(KEY) is None


def _put_often(root, value):
    cache = ClipCache(root)
    for _ in range(30):
        cache.put(KEY, dict(imgs=np.full((64, 64), value), flow=np.full(64, value)))


def test_two_processes_may_cache_the_same_clip_at_once(tmp_path):
    context = multiprocessing.get_context('fork')
    workers = [context.Process(target=_put_often, args=(tmp_path, v)) for v in (1, 2)]
    for worker in workers:
        worker.start()
    cache, seen = ClipCache(tmp_path), 0
    while any(worker.is_alive() for worker in workers):
        arrays = cache.get(KEY)
        if arrays is not None:
            seen += 1
            assert len(np.unique(arrays['imgs'])) == 1  # whole, whoever wrote it
            assert arrays['flow'].shape == (64, )
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert seen and len(files(tmp_path)) == 3  # nothing left over


def _fill_up(root, queue):
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    cache = ClipCache(root)
    cache.put(clip_key('small'), dict(imgs=np.zeros(100, np.uint8)))
    try:
        cache.put(KEY, dict(imgs=np.zeros(100_000, np.uint8)))
    except OSError as error:
        queue.put((error.errno, str(error)))


def test_file_that_cannot_grow_is_one_clear_error_and_nothing_is_left(tmp_path):
    context = multiprocessing.get_context('fork')
    queue = context.Queue()
    worker = context.Process(target=_fill_up, args=(tmp_path, queue))
    worker.start()
    code, text = queue.get(timeout=20)
    worker.join()
    assert code == errno.EFBIG
    assert f'No space left for the clip cache in {tmp_path}' in text
    assert 'cache_root' in text
    small = clip_key('small')
    assert files(tmp_path) == [f'{small}.imgs.npy', f'{small}.json']


def test_cache_root_that_is_a_file_is_named(tmp_path):
    (tmp_path / 'cache').write_text('in the way')
    with pytest.raises(OSError, match='cannot write the clip cache in .*cache'):
        ClipCache(tmp_path / 'cache').put(KEY, dict(imgs=np.zeros(3)))
