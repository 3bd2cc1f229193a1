# Copyright (c) AULLM-MM contributors.
"""Emotions beside the AUs: every mode trains, unlabelled clips cost nothing."""
import pytest
import torch
import torch.nn.functional as F

from aullm_mm.models.heads import AULLMHead
from aullm_mm.models.losses import EmotionLoss
from aullm_mm.structures import AUDataSample

AUS = (1, 2, 4, 12)
GLASS = dict(type='CausalLM', name='glassllm', lora=dict(r=2, lora_dropout=0.0))
BRIEF = dict(type='DeductionPrompt', style='brief')
MODES = {
    'classify': dict(answer_mode='classify'),
    'verbalize': dict(answer_mode='verbalize'),
    'no llm': dict(llm=None),
    'no graph': dict(graph=None),
    'no llm, no graph': dict(llm=None, graph=None),
    'no ccr': dict(loss_ccr=None),
}


def make(**kwargs):
    torch.manual_seed(0)
    settings = dict(aus=AUS, in_channels=(64, 256), llm=GLASS, prompt=BRIEF)
    return AULLMHead(**{**settings, 'emotions': '3', **kwargs})


def feats(batch=4):
    return torch.randn(batch, 64, 10, 10), torch.randn(batch, 256)


def samples(emotions=(0, 2, -1, 1)):
    found = []
    for emotion in emotions:
        sample = AUDataSample().set_au_labels(torch.randint(2, (len(AUS),)))
        if emotion is not None:
            sample.set_emotion_label(emotion)
        found.append(sample)
    return found


@pytest.mark.parametrize('mode', MODES)
def test_every_mode_trains_the_emotion_branch_and_gives_probabilities(mode):
    head = make(**MODES[mode])
    losses = head.loss(feats(), samples())
    wanted = {'loss_au', 'loss_emotion'}
    if head.deduction is not None:
        wanted |= {'loss_node', 'loss_emotion_node'}
    if head.loss_ccr is not None:
        wanted |= {'loss_ccr'}
    assert set(losses) == wanted
    (losses['loss_emotion'] + losses.get('loss_emotion_node', 0)).backward()
    learned = [p for n, p in head.named_parameters() if 'emotion.' in n]
    assert learned and all(p.grad is not None and p.grad.any() for p in learned)
    assert head.projector.queries.grad.any()
    assert_predicts(head.eval())


def assert_predicts(head):
    with torch.no_grad():
        results = head.predict(feats(), samples())
    for result in results:
        score = result.pred_emotion_score
        assert score.shape == (3,) and score.sum().item() == pytest.approx(1, abs=1e-5)
        assert result.pred_emotion == score.argmax() and result.pred_emotion.ndim == 0
        assert result.pred_score.shape == (len(AUS),)


@pytest.mark.parametrize('mode', MODES)
def test_some_steps_of_training_learn_the_emotions_of_a_batch(mode):
    head, levels, batch = make(**MODES[mode]).eval(), feats(), samples((0, 1, 2, 2))
    trained = [p for p in head.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=3e-3)
    for _ in range(40):
        optimizer.zero_grad()
        sum(head.loss(levels, batch).values()).backward()
        optimizer.step()
    found = [int(r.pred_emotion) for r in head.predict(levels, batch)]
    assert found == [0, 1, 2, 2]


def test_without_emotions_head_and_random_numbers_are_as_before():
    plain, other = make(emotions=None), make(emotions='3')
    own = {k: v for k, v in other.state_dict().items() if 'emotion' not in k}
    assert set(own) == set(plain.state_dict())
    assert not any('emotion' in key for key in plain.state_dict())
    assert plain.identity() == {
        k: v for k, v in other.identity().items() if k != 'emotions'}
    losses = plain.loss(feats(), samples())
    assert set(losses) == {'loss_au', 'loss_node', 'loss_ccr'}
    results = plain.eval().predict(feats(), samples())
    assert 'pred_emotion' not in results[0]


@pytest.mark.parametrize('mode', ['classify', 'verbalize'])
def test_asking_for_the_emotion_leaves_the_au_answers_alone(mode):
    plain, head = (make(emotions=e, answer_mode=mode).eval() for e in (None, '3'))
    with torch.no_grad():
        for tensor in (*plain.deduction.parameters(), *head.deduction.parameters()):
            if tensor.requires_grad:
                tensor.zero_()
        for part in (plain.deduction, head.deduction):
            torch.nn.init.ones_(
                part.classify.weight if mode == 'classify' else part.scale)
    content, instruction = torch.randn(3, 4, 128) * 0.1, torch.randn(3, 1, 128) * 0.1
    wanted = plain.deduction(content, instruction)
    got = head.deduction(content, instruction)
    assert got.shape == (3, len(AUS) + 3)
    assert torch.allclose(got[:, :len(AUS)], wanted, atol=1e-4)


def test_verbalized_emotion_is_the_llms_own_score_of_the_class_word():
    deduction = make(answer_mode='verbalize').eval().deduction
    llm, hidden = deduction.llm, torch.randn(2, 128)
    for column, word in enumerate(('negative', 'positive', 'surprise')):
        ids = llm.tokenizer(f' {word}', add_special_tokens=False)['input_ids']
        want = (hidden @ llm.output_weight[0][ids].T).mean(dim=1)
        assert torch.allclose(deduction.emotion(hidden)[:, column], want, atol=1e-4)
    question = llm.tokenizer.decode(deduction.questions[-1])
    assert question.strip() == 'Emotion:' and len(deduction.questions) == 5


def test_crops_share_their_clips_emotion_and_are_averaged_as_probabilities():
    head = make(llm=None, loss_ccr=None).eval()
    levels, batch = feats(6), samples((2, 0))
    logits = head.answer(levels)[1]
    want = F.cross_entropy(logits, torch.tensor([2, 2, 2, 0, 0, 0]))
    assert head.loss(levels, batch)['loss_emotion'].item() == pytest.approx(want.item())
    scores = logits.softmax(dim=1).view(2, 3, 3).mean(dim=1)
    for result, score in zip(head.predict(levels, batch), scores):
        assert torch.allclose(result.pred_emotion_score, score)


def test_unlabelled_clips_change_neither_loss_nor_gradient():
    head = make(llm=None, loss_ccr=None).eval()
    levels = tuple(level.requires_grad_() for level in feats())
    logits = head.answer(levels)[1]
    want = F.cross_entropy(logits[[0, 3]], torch.tensor([1, 0]))
    loss = head.loss(levels, samples((1, -1, None, 0)))['loss_emotion']
    assert loss.item() == pytest.approx(want.item(), rel=1e-5)
    loss.backward()
    reached = levels[0].grad.abs().sum(dim=(1, 2, 3)) > 0
    assert reached.tolist() == [True, False, False, True]


def test_batch_without_any_emotion_trains_the_aus_and_warns_where_none_is_packed():
    head = make(llm=None)
    losses = head.loss(feats(), samples((-1,) * 4))
    assert losses['loss_emotion'].item() == 0
    sum(losses.values()).backward()
    with pytest.warns(UserWarning, match=r"no clip.*|No clip.*emotions='...'"):
        assert head.loss(feats(), samples((None,) * 4))['loss_emotion'].item() == 0


def test_emotion_warms_up_without_the_llm():
    head, runs = make(), []
    head.deduction.register_forward_hook(lambda *args: runs.append(1))
    head.deduces = False
    assert set(head.loss(feats(), samples())) == {
        'loss_node', 'loss_emotion_node', 'loss_ccr'}
    assert_predicts(head.eval())
    assert runs == []


def test_balanced_loss_counts_every_class_of_the_batch_the_same():
    logits, labels = torch.randn(7, 3), torch.tensor([0, 0, 0, 0, 2, 2, -1])
    each = F.cross_entropy(logits[:6], labels[:6], reduction='none')
    plain, balanced = (EmotionLoss(balanced=b)(logits, labels) for b in (False, True))
    assert plain.item() == pytest.approx(each.mean().item(), rel=1e-5)
    want = (each[:4].mean() + each[4:].mean()) / 2
    assert balanced.item() == pytest.approx(want.item(), rel=1e-5)


def test_loss_is_built_from_its_config():
    double = dict(type='EmotionLoss', loss_weight=2.0)
    plain, head = make(llm=None).eval(), make(llm=None, loss_emotion=double).eval()
    levels, batch = feats(), samples()
    one, two = (h.loss(levels, batch)['loss_emotion'].item() for h in (plain, head))
    assert two == pytest.approx(2 * one, rel=1e-5)


def test_identity_names_the_emotion_classes():
    identity = make(llm=None).identity()
    assert identity['emotions'] == ['negative', 'positive', 'surprise']


def test_bad_settings_and_labels_are_refused():
    with pytest.raises(ValueError, match=r"unknown emotion scheme '4'.*'3', '5'"):
        make(llm=None, emotions='4')
    with pytest.raises(ValueError, match='gt_emotion 3 is outside 0..2'):
        make(llm=None).loss(feats(), samples((0, 3, 1, 1)))
    with pytest.raises(ValueError, match='loss_weight must be at least 0, got -1'):
        EmotionLoss(loss_weight=-1)
