# Copyright (c) AULLM-MM contributors.
"""The asymmetric loss against its published form, and counterfactual consistency."""
import math

import pytest
import torch
import torch.nn.functional as F

from aullm_mm.models.losses import AsymmetricLoss, CounterfactualConsistencyLoss
from aullm_mm.models.losses.asymmetric_loss import asymmetric_loss
from aullm_mm.models.losses.counterfactual_consistency_loss import bernoulli_divergence


def published(logits, labels, gamma_neg, gamma_pos, margin):
    p = logits.sigmoid()
    p_m = (p - margin).clamp(min=0)
    positive = (1 - p) ** gamma_pos * p.log()
    negative = p_m ** gamma_neg * (1 - p_m).log()
    return -(labels * positive + (1 - labels) * negative)


@pytest.mark.parametrize('gammas', [
    (4, 0, 0.05), (4, 1, 0.05), (2, 0.5, 0), (1, 0, 0.2)])
def test_asymmetric_loss_equals_the_published_formula(gammas):
    logits, labels = torch.randn(16, 8) * 2, torch.randint(2, (16, 8)).float()
    want = published(logits.double(), labels.double(), *gammas)
    assert torch.allclose(
        asymmetric_loss(logits, labels, *gammas).double(), want, atol=1e-5)


def test_asymmetric_loss_without_focusing_is_binary_cross_entropy():
    logits, labels = torch.randn(16, 8) * 3, torch.randint(2, (16, 8)).float()
    want = F.binary_cross_entropy_with_logits(logits, labels)
    got = AsymmetricLoss(gamma_neg=0, gamma_pos=0, margin=0)(logits, labels)
    assert got.item() == pytest.approx(want.item(), abs=1e-6)


def test_weight_of_positives_is_that_of_weighted_cross_entropy():
    logits, labels = torch.randn(16, 8) * 3, torch.randint(2, (16, 8)).float()
    want = F.binary_cross_entropy_with_logits(
        logits, labels, pos_weight=torch.tensor(2.0))
    loss = AsymmetricLoss(gamma_neg=0, margin=0, pos_weight=2.0)
    assert loss(logits, labels).item() == pytest.approx(want.item(), abs=1e-6)


def test_confident_false_positive_costs_more_than_cross_entropy_would_have_it():
    logits, absent = torch.tensor([[3.0, 0.0]]), torch.zeros(1, 2)
    confident, mild = asymmetric_loss(logits, absent)[0]
    plain = F.binary_cross_entropy_with_logits(logits, absent, reduction='none')[0]
    assert confident / mild > 2 * plain[0] / plain[1]


def test_an_easy_negative_below_the_margin_costs_nothing():
    logits = torch.tensor([[-3.5]], requires_grad=True)  # p = 0.029
    loss = AsymmetricLoss(margin=0.05)(logits, torch.zeros(1, 1))
    loss.backward()
    assert loss.item() == 0 and logits.grad.item() == 0


def test_a_masked_label_costs_nothing_and_has_no_gradient():
    logits = torch.randn(4, 3, requires_grad=True)
    labels = torch.randint(2, (4, 3)).float()
    labels[:, 1] = -1
    AsymmetricLoss(margin=0)(logits, labels).backward()
    assert logits.grad[:, 1].abs().max() == 0
    assert logits.grad[:, [0, 2]].abs().min() > 0


def test_the_mean_is_taken_over_known_labels_only():
    logits, labels = torch.randn(4, 3), torch.ones(4, 3)
    masked = torch.cat([labels, torch.full((4, 2), -1.0)], dim=1)
    more = torch.cat([logits, torch.randn(4, 2)], dim=1)
    loss = AsymmetricLoss()
    assert loss(more, masked).item() == pytest.approx(loss(logits, labels).item())


def test_all_labels_masked_is_zero_not_nan():
    logits, labels = torch.randn(2, 3), torch.full((2, 3), -1.0)
    assert AsymmetricLoss()(logits, labels).item() == 0
    ccr = CounterfactualConsistencyLoss(label_weight=1.0)
    assert ccr(logits, logits, labels).item() == 0


@pytest.mark.parametrize('gammas', [
    (4.0, 0.0, 0.05), (4.0, 1.0, 0.05), (0.5, 0.5, 0.05), (0.5, 0.5, 0.0), (0, 0, 0)])
@pytest.mark.parametrize('size', [50.0, 200.0])
def test_gradients_stay_finite_at_extreme_logits(gammas, size):
    logits = torch.tensor([[size, -size] * 2, [-size, size] * 2], requires_grad=True)
    labels = torch.tensor([[1.0, 1.0, 0.0, 0.0]] * 2)
    loss = AsymmetricLoss(*gammas)(logits, labels)
    loss.backward()
    assert torch.isfinite(loss) and torch.isfinite(logits.grad).all()
    assert (logits.grad[labels == 1] <= 0).all()
    assert (logits.grad[labels == 0] >= 0).all()


@pytest.mark.parametrize('bad', [
    dict(gamma_neg=-1), dict(gamma_pos=-0.5), dict(margin=1.0), dict(margin=-0.1),
    dict(pos_weight=0.0)])
def test_impossible_focusing_is_refused(bad):
    with pytest.raises(ValueError, match='gamma_neg and gamma_pos must be at least 0'):
        AsymmetricLoss(**bad)


def test_loss_weight_scales_the_loss():
    logits, labels = torch.randn(4, 3), torch.randint(2, (4, 3)).float()
    assert AsymmetricLoss(loss_weight=3)(logits, labels).item() == pytest.approx(
        3 * AsymmetricLoss()(logits, labels).item(), rel=1e-5)


def test_consistency_is_zero_for_equal_answers_and_positive_otherwise():
    ccr, x = CounterfactualConsistencyLoss(), torch.randn(4, 8)
    assert ccr(x, x).item() == 0
    assert ccr(x, x + 0.5).item() > 0


def test_consistency_is_symmetric():
    ccr, x, y = CounterfactualConsistencyLoss(), torch.randn(4, 8), torch.randn(4, 8)
    assert ccr(x, y).item() == pytest.approx(ccr(y, x).item(), rel=1e-6)


def test_divergence_is_the_mean_of_both_kullback_leibler_divergences():
    x, y = torch.randn(50).double(), torch.randn(50).double()
    p, q = (torch.distributions.Bernoulli(logits=v) for v in (x, y))
    divergence = torch.distributions.kl_divergence
    both = divergence(p, q), divergence(q, p)
    assert torch.allclose(
        bernoulli_divergence(x, y).double(), sum(both) / 2, atol=1e-6)


def test_several_interventions_are_compared_with_the_same_clips():
    ccr, x = CounterfactualConsistencyLoss(), torch.randn(4, 8)
    first, second = torch.randn(4, 8), torch.randn(4, 8)
    want = (ccr(x, first) + ccr(x, second)) / 2
    assert ccr(x, torch.cat([first, second])).item() == pytest.approx(want.item())


def test_detached_factual_answer_is_not_pulled():
    x, y = torch.randn(4, 8, requires_grad=True), torch.randn(4, 8, requires_grad=True)
    CounterfactualConsistencyLoss(detach_factual=True)(x, y).backward()
    assert x.grad is None and y.grad.abs().sum() > 0
    CounterfactualConsistencyLoss()(x, y).backward()
    assert x.grad.abs().sum() > 0


def test_label_weight_adds_the_counterfactual_error_on_known_labels():
    x, y = torch.randn(2, 3), torch.randn(4, 3)
    labels = torch.tensor([[1.0, 0.0, -1.0], [0.0, -1.0, 1.0]])
    plain = CounterfactualConsistencyLoss()(x, y)
    target = labels.repeat(2, 1)
    known = target >= 0
    error = F.binary_cross_entropy_with_logits(y[known], target[known])
    got = CounterfactualConsistencyLoss(label_weight=0.5)(x, y, labels)
    assert got.item() == pytest.approx((plain + 0.5 * error).item(), rel=1e-5)


def test_only_what_must_stay_the_same_is_pulled_together():
    p = torch.tensor([[0.2, 0.5], [0.9, 0.3]])
    q = torch.tensor([[0.6, 0.1], [0.8, 0.3]])
    same = torch.tensor([[True, False], [True, False]])
    x, y = p.logit().requires_grad_(), q.logit().requires_grad_()
    loss = CounterfactualConsistencyLoss()(x, y, same=same)
    pairs = ((0.2, 0.6), (0.9, 0.8))  # (p - q) (logit p - logit q) / 2, the mean
    want = sum((a - b) * (math.log(a / (1 - a)) - math.log(b / (1 - b))) / 2
               for a, b in pairs) / 2
    assert loss.item() == pytest.approx(want, rel=1e-5)
    loss.backward()
    for gradient in (x.grad, y.grad):
        assert gradient[:, 0].abs().min() > 0 and gradient[:, 1].abs().max() == 0


def test_nothing_that_must_stay_the_same_is_zero_not_nan():
    x, y = torch.randn(2, 3), torch.randn(4, 3, requires_grad=True)
    nothing = torch.zeros(4, 3, dtype=torch.bool)
    loss = CounterfactualConsistencyLoss()(x, y, same=nothing)
    loss.backward()
    assert loss.item() == 0 and y.grad.abs().max() == 0


def test_counterfactuals_have_labels_of_their_own():
    x, y = torch.randn(2, 3), torch.randn(4, 3)
    labels = torch.tensor([[1., 0, -1], [0, -1, 1], [1, 1, 0], [-1, -1, -1]])
    known = labels >= 0
    ccr = CounterfactualConsistencyLoss(loss_weight=0.0, label_weight=2.0)
    want = 2 * F.binary_cross_entropy_with_logits(y[known], labels[known])
    assert ccr(x, y, labels).item() == pytest.approx(want.item(), rel=1e-5)
    shared = labels[:2]
    assert ccr(x, y, shared).item() == pytest.approx(
        ccr(x, y, shared.repeat(2, 1)).item(), rel=1e-6)


def test_counterfactuals_that_are_no_whole_batches_are_refused():
    with pytest.raises(ValueError, match='5 counterfactuals are no whole number of'):
        CounterfactualConsistencyLoss()(torch.randn(4, 8), torch.randn(5, 8))
    with pytest.raises(ValueError, match='at least 0, got -1'):
        CounterfactualConsistencyLoss(loss_weight=-1)
