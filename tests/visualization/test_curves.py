# Copyright (c) AULLM-MM contributors.
import numpy as np
import pytest

from aullm_mm.visualization import draw_training_curves

RECORDS = [
    dict(loss=3.0, loss_au=2.0, iter=1, lr=0.1, time=0.2),
    dict(loss=2.0, loss_au=1.0, iter=2, lr=0.1, time=0.2),
    {'au/F1_mean': 0.4, 'au/AUC_mean': 0.6, 'au/all_positive_F1_mean': 0.25, 'step': 1},
    dict(loss=1.0, loss_au=0.5, loss_node=0.1, iter=3, lr=0.1, time=0.2),
    {'au/F1_mean': 0.5, 'au/AUC_mean': 0.7, 'au/all_positive_F1_mean': 0.25, 'step': 2},
]


def curves(axes):
    labelled = [x for x in axes.lines if not x.get_label().startswith('_')]
    return {line.get_label(): line for line in labelled}


def test_losses_and_scores_are_drawn_from_the_lines_of_a_run():
    losses, scores = draw_training_curves(RECORDS).axes
    assert set(curves(losses)) == {'loss', 'loss_au', 'loss_node'}
    np.testing.assert_allclose(curves(losses)['loss'].get_ydata(), [3, 2, 1])
    np.testing.assert_allclose(curves(losses)['loss_node'].get_ydata()[-1], 0.1)
    assert set(curves(scores)) == {'F1', 'AUC', 'all-positive F1'}
    np.testing.assert_allclose(curves(scores)['F1'].get_ydata(), [0.4, 0.5])
    np.testing.assert_allclose(curves(scores)['F1'].get_xdata(), [1, 2])


def test_run_without_validation_has_one_panel():
    assert len(draw_training_curves(RECORDS[:2]).axes) == 1


def test_long_runs_are_smoothed_without_losing_their_level():
    noise = np.random.default_rng(0).normal(size=400)
    records = [dict(loss=5 + x, iter=i) for i, x in enumerate(noise)]
    smooth = curves(draw_training_curves(records).axes[0])['loss'].get_ydata()
    assert smooth.std() < 0.5 * noise.std()
    assert abs(smooth.mean() - 5) < 0.2


def test_records_without_a_loss_are_refused():
    with pytest.raises(ValueError, match='none of the 1 records'):
        draw_training_curves([dict(lr=0.1)])
