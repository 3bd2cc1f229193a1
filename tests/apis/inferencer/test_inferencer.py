# Copyright (c) AULLM-MM contributors.
"""From any form of a clip to action units, movements and reasons."""
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from aullm_mm.apis.inferencer import AUInferencer, InferenceOptions, WatchOptions
from aullm_mm.apis.inferencer.recognizer import load_recognizer


def present(movement: dict) -> list[int]:
    return [unit['au'] for unit in movement['aus'] if unit['present']]


def test_packaged_weights_find_what_moves_in_generated_clips(
        inferencer, clips, read_frames):
    # Other people than those that the weights were trained on.
    aus, hits, wrong, missed = (1, 2, 4, 12), 0, 0, 0
    for clip in clips:
        options = dict(fps=200, spot='never', trace=False, apex=None)
        movement, = inferencer(read_frames(clip), **options)[0]['movements']
        found = set(present(movement)) & set(aus)
        there = {au for au, label in zip(aus, clip['label']) if label > 0}
        hits += len(found & there)
        wrong += len(found - there)
        missed += len(there - found)
    assert 2 * hits / (2 * hits + wrong + missed) > 0.6


def test_array_folder_and_file_of_a_clip_agree(inferencer, frames, clips, video_file):
    folder = str(clips[0]['frame_dir'])
    options = dict(fps=200, spot='never', trace=False)
    array, file = inferencer([frames, str(video_file)], **options)
    whole, = inferencer(folder, **options)
    kinds = [result['source']['kind'] for result in (array, file, whole)]
    assert kinds == ['array', 'file', 'frames']
    a, f = (result['movements'][0] for result in (array, file))
    assert a['onset']['frame'] == f['onset']['frame'] == 0
    assert a['offset']['frame'] == f['offset']['frame'] == len(frames) - 1
    scores = [[unit['score'] for unit in m['aus']] for m in (a, f)]
    assert np.corrcoef(scores)[0, 1] > 0.9  # the file is compressed
    assert whole['source']['frames'] >= len(frames)


def test_apex_is_found_near_the_true_one(inferencer, frames, clips):
    movement, = inferencer(frames, fps=200, spot='never', trace=False)[0]['movements']
    clip = clips[0]
    away = abs(movement['apex']['frame'] - (clip['apex'] - clip['onset']))
    assert away <= 0.25 * len(frames)


def test_pair_of_pictures(inferencer, frames, clips, tmp_path):
    apex = frames[clips[0]['apex'] - clips[0]['onset']]
    for name, picture in (('on.png', frames[0]), ('apex.png', apex)):
        cv2.imwrite(str(tmp_path / name), picture)
    pair = tmp_path / 'on.png', tmp_path / 'apex.png'
    result, = inferencer(pair, trace=False)
    movement, = result['movements']
    assert result['source']['kind'] == 'pair' and movement['kind'] == 'given'
    assert [movement[k]['frame'] for k in ('onset', 'apex', 'offset')] == [0, 1, 1]
    whole, = inferencer(frames, fps=200, spot='never', trace=False)
    assert present(movement) == present(whole['movements'][0])


def test_named_frames_are_the_movement(inferencer, frames):
    movement, = inferencer(
        frames, fps=200, onset=2, apex=9, offset=20, trace=False)[0]['movements']
    assert [movement[k]['frame'] for k in ('onset', 'apex', 'offset')] == [2, 9, 20]
    assert movement['apex']['seconds'] == pytest.approx(9 / 200, abs=1e-4)
    with pytest.raises(ValueError, match='got onset 9, apex None, offset 4'):
        inferencer(frames, fps=200, onset=9, offset=4, trace=False)


def test_trace_decides_the_same_as_no_trace(inferencer, frames):
    with_trace, without = (inferencer(
        frames, fps=200, spot='never', trace=trace)[0]['movements'][0]
        for trace in (True, False))
    assert present(with_trace) == present(without)
    assert [u['score'] for u in with_trace['aus']] == pytest.approx(
        [u['score'] for u in without['aus']], abs=2e-3)
    assert with_trace['trace']['text'] and without['trace'] is None


def test_result_is_plain_json(inferencer, frames):
    result, = inferencer(frames, fps=200, spot='never')
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result['schema'] == 1 and result['settings']['longest'] == 0.5


def test_batches_change_no_answer(inferencer, frames):
    # Three times the same movement, with rest between, in one video.
    rest = np.repeat(frames[:1], 120, axis=0)
    video = np.concatenate([rest, frames, rest, frames, rest])
    results = [inferencer(video, fps=200, spot='always', batch_size=size, trace=False)
               for size in (1, 8)]
    assert len(results[0][0]['movements']) >= 1
    assert results[0][0]['movements'] == results[1][0]['movements']


def test_turned_and_smaller_face_gets_nearly_the_same_scores(inferencer, frames):
    height, width = frames.shape[1:3]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 12, 0.7)
    turned = np.stack([cv2.warpAffine(
        frame, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
        for frame in frames])
    scores = [[unit['score'] for unit in inferencer(
        clip, fps=200, spot='never', trace=False)[0]['movements'][0]['aus']]
        for clip in (frames, turned)]
    assert np.corrcoef(scores)[0, 1] > 0.7


def test_no_face_is_an_error_that_says_so(inferencer):
    noise = np.random.default_rng(0).integers(0, 255, (6, 90, 120, 3), np.uint8)
    with pytest.raises(ValueError, match='no face .* in any of its 6 frames .no face'):
        inferencer(noise, fps=25)


def test_face_that_is_too_small_is_told_from_no_face(inferencer, frames):
    small = np.stack([cv2.resize(f, None, fx=0.3, fy=0.3) for f in frames[:6]])
    with pytest.raises(ValueError, match='face too small in 6.* 90 pixels'):
        inferencer(small, fps=25, faces=WatchOptions(min_eye_distance=90))


def test_frames_without_a_face_are_named(inferencer, frames):
    video = frames[:20].copy()
    video[7:10] = 0
    result, = inferencer(video, fps=200, spot='never', trace=False)
    assert any('3 of 20 frames: 7-9' in note for note in result['warnings'])
    assert result['faces'][0]['missing'] == [[7, 9]]


def test_clip_of_one_frame_is_an_error(inferencer, frames):
    with pytest.raises(ValueError, match='at least two: an onset and an apex'):
        inferencer(frames[:1], fps=25)


def test_clip_of_two_frames_works(inferencer, frames, clips):
    apex = frames[clips[0]['apex'] - clips[0]['onset']]
    result, = inferencer(np.stack([frames[0], apex]), fps=25, trace=False)
    assert result['movements'][0]['apex']['frame'] == 1


def test_two_faces_are_told_apart(inferencer, frames):
    still = np.repeat(frames[:1], len(frames), axis=0)
    video = np.concatenate([frames, np.flip(still, axis=2)], axis=2)[:30]
    options = dict(fps=200, spot='never', trace=False)
    result, = inferencer(video, faces=WatchOptions(max_faces=None), **options)
    assert {m['track'] for m in result['movements']} == {0, 1}
    assert len(inferencer(video, **options)[0]['faces']) == 1


def test_bad_options_are_refused(inferencer, frames):
    with pytest.raises(ValueError, match="spot must be one of .*, got 'often'"):
        inferencer(frames, spot='often')
    with pytest.raises(ValueError, match='batch_size must be at least 1, got 0'):
        InferenceOptions(batch_size=0)
    with pytest.raises(ValueError, match='leave one of them out'):
        InferenceOptions(spot='always', onset=3)


def test_llm_changes_the_answer_and_is_named(frames):
    deducing = AUInferencer(device='cpu')
    result, = deducing(frames, fps=200, spot='never', trace=False)
    assert result['model']['llm'] == 'SmolLM2-135M-Instruct'
    nodes = AUInferencer(device='cpu', llm=False)(
        frames, fps=200, spot='never', trace=False)[0]
    assert nodes['model']['llm'] is None
    assert [u['score'] for u in nodes['movements'][0]['aus']] != [
        u['score'] for u in result['movements'][0]['aus']]


def test_thresholds_decide(frames):
    strict = AUInferencer(
        device='cpu', llm=False,
        thresholds={au: 0.9999 for au in load_recognizer(device='cpu').aus})
    result, = strict(frames, fps=200, spot='never', trace=False)
    assert present(result['movements'][0]) == []
    assert Path(result['source']['name']).name == 'array'
