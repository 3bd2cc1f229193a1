# Copyright (c) AULLM-MM contributors.
import sys

import numpy as np
import pytest
import torch
from mmaction.registry import METRICS
from mmengine.evaluator import Evaluator
from mmengine.logging import MMLogger
from sklearn.metrics import balanced_accuracy_score, f1_score

from aullm_mm.structures import AUDataSample


def sample(scores, label, clip=None, subject=None):
    """A data sample as the head returns it."""
    data = AUDataSample()
    if label is not None:
        data.set_emotion_label(label)
    if scores is not None:
        data.set_field(torch.tensor(scores), 'pred_emotion_score')
    names = dict(clip_id=clip, subject=subject)
    data.set_metainfo({key: name for key, name in names.items() if name})
    return data


def judge(samples, meta=None, **options):
    """Run the metric as MMEngine's evaluator does."""
    evaluator = Evaluator(METRICS.build(dict(type='EmotionMetric') | options))
    evaluator.dataset_meta = meta
    evaluator.process(samples, None)
    return evaluator.evaluate(len(samples))


@pytest.fixture
def log(tmp_path):
    """The lines that reach the log file of a run."""
    path = tmp_path / 'run.log'
    MMLogger.get_instance(f'test-{tmp_path.name}', log_file=str(path))
    return path.read_text


NEGATIVE, POSITIVE, SURPRISE = [0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.0, 0.2, 0.8]
CLIPS = [
    sample(NEGATIVE, 0, 'casme2/sub01/a', 'casme2/sub01'),
    sample(POSITIVE, 0, 'casme2/sub01/b', 'casme2/sub01'),
    sample(POSITIVE, 1, 'samm/006/a', 'samm/006'),
    sample(SURPRISE, 2, 'samm/006/b', 'samm/006'),
    sample(NEGATIVE, 2, 'samm/007/a', 'samm/007'),
    sample(SURPRISE, -1, 'samm/007/b', 'samm/007'),
]
TRUTH, SAID = [0, 0, 1, 2, 2], [0, 1, 1, 2, 0]


def test_evaluator_returns_flat_floats_with_the_save_best_key():
    result = judge(CLIPS)
    want = f1_score(TRUTH, SAID, average=None)
    np.testing.assert_allclose(result['emotion/UF1'], want.mean())
    np.testing.assert_allclose(
        result['emotion/UAR'], balanced_accuracy_score(TRUTH, SAID))
    np.testing.assert_allclose(result['emotion/accuracy'], 0.6)
    np.testing.assert_allclose(
        [result[f'emotion/F1_{n}'] for n in ('negative', 'positive', 'surprise')], want)
    assert result['emotion/recall_positive'] == 1
    assert all(type(value) is float for value in result.values())


def test_clips_without_an_emotion_do_not_count():
    assert judge(CLIPS) == judge(CLIPS[:-1])


def test_clip_that_arrives_twice_counts_once_and_two_of_one_id_are_refused():
    assert judge(CLIPS + CLIPS[:2]) == judge(CLIPS)
    other = sample(NEGATIVE, 1, 'casme2/sub01/a', 'casme2/sub01')
    with pytest.raises(ValueError, match="EmotionMetric: two .*'casme2/sub01/a'"):
        judge([*CLIPS, other])


def test_class_without_a_clip_is_left_out_and_the_log_says_why(log):
    result = judge(CLIPS[:3])
    assert not any('surprise' in key for key in result)
    np.testing.assert_allclose(result['emotion/UF1'], 2 / 3)
    assert 'surprise: F1, recall undefined, left out of UF1 and UAR: no clip' in log()
    assert 'mean of 2 of 3 classes' in log()


def test_without_any_labelled_clip_nothing_is_returned_and_the_log_says_why(log):
    assert judge(CLIPS[-1:], bootstrap=10) == {}
    assert 'negative: F1, recall undefined' in log() and 'on 0 of 1 clips' in log()


def test_log_file_shows_the_table_and_the_constant_answer(log):
    judge(CLIPS)
    rows = {line.split()[0]: line for line in log().splitlines() if line.split()}
    assert rows['positive'].split() == ['positive', '1', '2', '0.500', '1.000', '0.667']
    assert 'Emotions on 5 of 6 clips' in log() and 'Accuracy 0.600.' in log()
    assert 'Always "negative": UF1 0.190, UAR 0.333, accuracy 0.400.' in log()


def test_terminal_gets_the_table_and_it_can_be_kept_quiet(log, monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, 'isatty', lambda: True, raising=False)
    judge(CLIPS, show_table=False)
    assert 'surprise' not in capsys.readouterr().out + log()
    judge(CLIPS)
    assert 'surprise' in capsys.readouterr().out and 'surprise' in log()
    assert '\x1b[' not in log()


def test_bootstrap_adds_intervals_around_the_scores(log):
    result = judge(CLIPS, bootstrap=100)
    for key in ('UF1', 'UAR'):
        low, high = result[f'emotion/{key}_low'], result[f'emotion/{key}_high']
        assert low <= result[f'emotion/{key}'] <= high
        assert f'95% interval of {key} over subjects: {low:.3f} to {high:.3f}' in log()


@pytest.mark.parametrize('clip, options, message', [
    (sample([0.4, 0.6], 0, 'c7'), {}, 'c7 has 2 emotion scores.*same emotions'),
    (sample([np.nan] * 3, 0, 'c7'), {}, 'c7 has emotion scores .*diverged'),
    (sample(None, 0, 'c7'), {}, 'c7 has no tensor "pred_emotion_score".* head'),
    (sample(NEGATIVE, None, 'c7'), {}, 'c7 has no "gt_emotion".* dataset'),
    (sample(NEGATIVE, 3, 'c7'), {}, 'c7 has gt_emotion 3, no index'),
    (sample(NEGATIVE, 0, 'c7'), dict(bootstrap=9), 'c7 has no metainfo "subject"'),
])
def test_sample_that_does_not_fit_is_named(clip, options, message):
    with pytest.raises(ValueError, match=message):
        judge([clip], **options)


def test_dataset_of_another_scheme_is_refused():
    assert judge(CLIPS, dict(emotions=('negative', 'positive', 'surprise')))
    with pytest.raises(ValueError, match="dataset labels .*'happiness'"):
        judge(CLIPS, dict(emotions=('happiness', 'surprise', 'disgust')))


def test_unknown_scheme_and_no_clip_are_named():
    with pytest.raises(ValueError, match="unknown emotion scheme '4'"):
        METRICS.build(dict(type='EmotionMetric', emotions='4'))
    with pytest.raises(ValueError, match='no clip to judge'):
        METRICS.build(dict(type='EmotionMetric')).evaluate(size=0)
