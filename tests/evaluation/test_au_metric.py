# Copyright (c) AULLM-MM contributors.
import json
import sys

import numpy as np
import pytest
import torch
from mmaction.registry import METRICS
from mmaction.structures import ActionDataSample
from mmengine.evaluator import Evaluator
from mmengine.logging import MMLogger
from sklearn.metrics import f1_score

from aullm_mm.evaluation import AUMetric


def sample(scores, labels, clip=None, subject=None):
    """A data sample as a model returns it, unlike ours where label is a list."""
    data = ActionDataSample()
    data.set_pred_score(torch.tensor(scores))
    data.set_gt_label(labels if isinstance(labels, list) else torch.tensor(labels))
    names = dict(clip_id=clip, subject=subject)
    data.set_metainfo({key: name for key, name in names.items() if name})
    return data


def judge(samples, **options):
    """Run the metric as MMEngine's evaluator does."""
    config = dict(type='AUMetric', aus=[1, 4, 12]) | options
    evaluator = Evaluator(METRICS.build(config))
    evaluator.process(samples, None)
    return evaluator.evaluate(len(samples))


@pytest.fixture
def log(tmp_path):
    """The lines that reach the log file of a run."""
    path = tmp_path / 'run.log'
    MMLogger.get_instance(f'test-{tmp_path.name}', log_file=str(path))
    return path.read_text


CLIPS = [
    sample([0.9, 0.2, 0.8], (1.0, 0.0, 0.0), 'casme2/sub01/a', 'sub01'),
    sample([0.4, 0.1, 0.7], (1.0, 0.0, 1.0), 'casme2/sub01/b', 'sub01'),
    sample([0.6, 0.3, 0.9], (0.0, 0.0, 1.0), 'casme2/sub02/a', 'sub02'),
    sample([0.1, 0.3, 0.2], (-1.0, 0.0, 0.0), 'casme2/sub02/b', 'sub02'),
]


def test_evaluator_returns_flat_floats_with_the_save_best_key():
    result = judge(CLIPS)

    f1 = [f1_score([1, 1, 0], [1, 0, 1]), f1_score([0, 1, 1, 0], [1, 1, 1, 0])]
    np.testing.assert_allclose([result['au/F1_AU1'], result['au/F1_AU12']], f1)
    np.testing.assert_allclose(result['au/F1_mean'], np.mean(f1))
    assert all(type(value) is float for value in result.values())
    assert {'au/macro_F1_mean', 'au/AUC_mean', 'au/AUC_AU12'} <= set(result)


def test_undefined_au_is_left_out_and_the_log_says_why(log):
    result = judge(CLIPS)
    assert not any(key.endswith('AU4') for key in result)
    line = 'AU4: F1, macro_F1, AUC undefined, left out: no positive among 4 known'
    assert line in log()


def test_log_file_shows_table_with_names_support_and_baseline(log):
    judge(CLIPS)
    rows = {line.split()[0]: line for line in log().splitlines() if line.split()}
    assert 'inner brow raiser' in rows['AU1'] and '2/3' in rows['AU1']
    assert rows['AU12'].split()[-5:] == ['0.50', '0.800', '0.667', '0.733', '0.750']
    assert 'of 2 of 3 AUs' in rows['mean']
    assert '\x1b[' not in log()


def test_terminal_gets_colours_and_the_log_file_none(log, monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, 'isatty', lambda: True, raising=False)
    monkeypatch.delenv('NO_COLOR', raising=False)
    judge(CLIPS)
    assert '\x1b[' in capsys.readouterr().out
    assert 'lip corner puller' in log() and '\x1b[' not in log()


def test_table_can_be_kept_quiet(log):
    judge(CLIPS, show_table=False)
    assert 'AU12' not in log()


def test_baseline_is_returned_and_can_be_left_out():
    np.testing.assert_allclose(
        judge(CLIPS)['au/all_positive_F1_mean'], np.mean([0.8, 2 / 3])
    )
    assert 'au/all_positive_F1_mean' not in judge(CLIPS, baseline=False)


def test_clip_that_arrives_twice_counts_once():
    assert judge(CLIPS + CLIPS[:2]) == judge(CLIPS)


def test_clips_without_id_are_all_counted():
    nameless = [sample([0.9, 0.9, 0.9], (1.0, 1.0, 1.0))] * 3
    nameless.append(sample([0.9, 0.9, 0.9], (0.0, 0.0, 0.0)))
    np.testing.assert_allclose(judge(nameless)['au/F1_mean'], 6 / 7)


def test_two_clips_with_one_id_are_refused():
    other = sample([0.9, 0.2, 0.8], (0.0, 0.0, 0.0), 'casme2/sub01/a', 'sub01')
    with pytest.raises(ValueError, match="share the clip_id 'casme2/sub01/a'"):
        judge([*CLIPS, other])


def test_stock_index_labels_mean_the_aus_present():
    stock = [sample([0.9, 0.2, 0.8], [0, 2]), sample([0.1, 0.2, 0.8], [])]
    result = judge(stock)
    assert result['au/F1_AU1'] == 1.0
    np.testing.assert_allclose(result['au/F1_AU12'], 2 / 3)


def test_own_threshold_an_au():
    result = judge(CLIPS, thresholds=[0.3, 0.5, 0.75])
    np.testing.assert_allclose(result['au/F1_AU1'], f1_score([1, 1, 0], [1, 1, 1]))
    np.testing.assert_allclose(
        result['au/F1_AU12'], f1_score([0, 1, 1, 0], [1, 0, 1, 0])
    )


def test_dump_is_json_from_which_the_scores_can_be_pooled_again(tmp_path):
    path = tmp_path / 'fold0' / 'scores.json'
    result = judge(CLIPS + CLIPS[:1], dump_path=str(path), bootstrap=50)

    content = json.loads(path.read_text())
    assert content['aus'] == [1, 4, 12]
    assert [clip['clip_id'] for clip in content['clips']] == [
        clip.clip_id for clip in CLIPS
    ]
    assert content['clips'][3]['labels'] == [-1, 0, 0]
    assert content['per_au']['AU4']['f1'] is None
    assert content['per_au']['AU12']['name'] == 'lip corner puller'
    assert content['metrics']['F1_mean'] == result['au/F1_mean']
    assert [p.name for p in path.parent.iterdir()] == ['scores.json']


def test_bootstrap_adds_an_interval_around_the_mean(log):
    result = judge(CLIPS, bootstrap=200)
    low, high = result['au/F1_mean_low'], result['au/F1_mean_high']
    assert low <= result['au/F1_mean'] <= high
    assert f'over subjects: {low:.3f} to {high:.3f}' in log()


def test_bootstrap_of_one_subject_says_that_it_is_undefined(log):
    result = judge(CLIPS[:2], bootstrap=10)
    assert 'au/F1_mean_low' not in result
    assert 'undefined (one subject only' in log()


@pytest.mark.parametrize(
    'clip, options, message',
    [
        (sample([0.1, 0.2], (0.0, 1.0), 'c7'), {}, 'c7 has 2 scores.* names 3 AUs'),
        (sample([0.1] * 3, (0.0,) * 5, 'c7'), {}, r'c7.*\(5,\).* 3 AUs'),
        (sample([0.1] * 3, [1, 3], 'c7'), {}, r'c7.*\[1, 3\].*outside 0..2'),
        (sample([0.1, -2.0, 0.3], (0.0,) * 3, 'c7'), {}, 'c7 has score -2 for AU4'),
        (sample([0.1, np.nan, 0.3], (0.0,) * 3), {}, 'score nan for AU4.*diverged'),
        (ActionDataSample().set_gt_label(torch.zeros(3)), {}, 'no tensor "pred_sc'),
        (ActionDataSample().set_pred_score([0.1] * 3), {}, 'no "gt_label"'),
        (sample([0.1] * 3, (0.0,) * 3, 'c7'), dict(bootstrap=9), 'c7 .*"subject"'),
    ],
)
def test_sample_that_does_not_fit_is_named(clip, options, message):
    with pytest.raises(ValueError, match=message):
        judge([clip], **options)


@pytest.mark.parametrize(
    'options, message',
    [
        (dict(aus=[1, 99]), 'unknown AU 99'),
        (dict(aus=[1, 1]), r'repeats \[1\]'),
        (dict(aus=[]), 'empty'),
        (dict(aus=[1, 4], thresholds=[0.1] * 3), r'2 \(one an AU\), got 3'),
    ],
)
def test_wrong_configuration_is_named_before_the_run(options, message):
    with pytest.raises(ValueError, match=message):
        AUMetric(**options)


def test_no_clip_at_all_is_an_error():
    with pytest.raises(ValueError, match='no clip to judge'):
        AUMetric(aus=[1]).evaluate(size=0)
