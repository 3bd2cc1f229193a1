# Copyright (c) AULLM-MM contributors.
"""The head in MMAction2's stock recognizers, its losses, controls and checkpoints."""
import pytest
import torch
import torch.nn.functional as F
from mmaction.registry import MODELS

from aullm_mm.models.evidence import as_levels
from aullm_mm.models.heads import AULLMHead
from aullm_mm.models.heads.interventions import draw_interventions
from aullm_mm.structures import AUDataSample

AUS = (1, 2, 4, 12)
SMALL = dict(
    vocab_size=1100, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
    num_attention_heads=4, num_key_value_heads=2)
LLAMA = dict(
    type='CausalLM', name=dict(model_type='llama', **SMALL), tokenizer='glassllm',
    lora=dict(r=2, lora_dropout=0.0))
GLASS = dict(type='CausalLM', name='glassllm')
BRIEF = dict(type='DeductionPrompt', style='brief')
FLOW = dict(type='FlowNet2D')
RESNET = dict(type='ResNet', depth=18, norm_cfg=dict(type='BN'))


def make(llm=LLAMA, **kwargs):
    settings = dict(aus=AUS, in_channels=(64, 256), llm=llm, prompt=BRIEF)
    return AULLMHead(**{**settings, **kwargs})


def feats(batch=4):
    return torch.randn(batch, 64, 10, 10), torch.randn(batch, 256)


def samples(labels):
    return [AUDataSample().set_au_labels(row) for row in labels]


def random_samples(batch=4):
    return samples(torch.randint(2, (batch, len(AUS))).float())


def recognizer(kind, backbone, head, **kwargs):
    return MODELS.build(dict(
        type=kind, backbone=backbone,
        data_preprocessor=dict(type='ActionDataPreprocessor'),
        cls_head=dict(type='AULLMHead', aus=AUS, llm=LLAMA, prompt=BRIEF, **head),
        **kwargs))


def eulerian():
    return recognizer(
        'Recognizer3D', dict(type='EulerianNet3D'), dict(in_channels=(64, 256)))


def flow():
    return recognizer('Recognizer3D', FLOW, dict(in_channels=(64, 256)))


def resnet(levels=(3,)):
    channels = 512 if levels == (3,) else (*(64 * 2 ** n for n in levels), 512)
    return recognizer(
        'Recognizer2D', dict(RESNET, out_indices=levels), dict(in_channels=channels))


CASES = [
    (eulerian, (1, 1, 6, 64, 64)), (flow, (1, 3, 64, 64)), (resnet, (3, 3, 32, 32)),
    (lambda: resnet((2, 3)), (3, 3, 32, 32))]


@pytest.mark.parametrize('build,shape', CASES)
def test_stock_recognizers_train_and_predict(build, shape):
    model, clips = build(), torch.rand(2, *shape)
    losses = model.loss(clips, random_samples(2))
    assert set(losses) == {'loss_au', 'loss_node', 'loss_ccr'}
    total, _ = model.parse_losses(losses)
    total.backward()
    gradient = next(model.backbone.parameters()).grad
    assert torch.isfinite(total) and gradient.abs().sum() > 0
    with torch.no_grad():
        results = model.eval().predict(clips, random_samples(2))
    assert [r.pred_score.shape for r in results] == [(len(AUS),)] * 2
    for result in results:
        assert torch.equal(result.pred_label, (result.pred_score > 0.5).long())


def test_wrong_channels_of_several_levels_are_named():
    model = recognizer(
        'Recognizer2D', dict(RESNET, out_indices=(2, 3)), dict(in_channels=(256, 512)))
    with pytest.raises(ValueError, match=r'\(256, 512\).*gives \(256, 512, 512\)'):
        model.loss(torch.rand(2, 3, 3, 32, 32), random_samples(2))


def test_crops_of_a_clip_are_averaged_as_probabilities():
    model = flow().eval()
    clips = torch.rand(2, 3, 3, 64, 64)
    with torch.no_grad():
        results = model.predict(clips, random_samples(2))
        crops = model.cls_head(model.backbone(clips.flatten(0, 1)))
    want = crops.sigmoid().view(2, 3, -1).mean(dim=1)
    for result, scores in zip(results, want):
        assert torch.allclose(result.pred_score, scores, atol=1e-5)


def test_crops_of_a_clip_share_its_labels_in_training():
    head = make(llm=None, loss_ccr=None).eval()
    labels = torch.tensor([[1.0, 0, 0, 1], [0, 1.0, 1, -1]])
    levels = feats(6)
    want = head.loss_au(head(levels), labels[[0, 0, 0, 1, 1, 1]])
    got = head.loss(levels, samples(labels))['loss_au']
    assert got.item() == pytest.approx(want.item(), rel=1e-5)


def test_scores_are_sigmoids_not_a_softmax():
    head = make().eval()
    with torch.no_grad():
        head.deduction.classify.bias.copy_(torch.tensor([4.0, 4.0, -4.0, 4.0]))
        results = head.predict(feats(), random_samples())
        logits = torch.stack([r.pred_score for r in results]).logit()
    assert all(r.pred_score.sum() > 2 for r in results)
    assert logits[:, 2].max() < logits[:, 0].min()


def test_permuting_the_clips_permutes_the_answers():
    head, (mid, high) = make().eval(), feats(18)
    order = torch.randperm(18)
    assert torch.allclose(
        head((mid, high))[order], head((mid[order], high[order])), atol=1e-5)


def test_a_clip_does_not_reach_the_answer_of_another():
    head, (mid, high) = make().eval(), feats(5)
    mid.requires_grad_()
    head((mid, high))[2].sum().backward()
    reached = mid.grad.abs().sum(dim=(1, 2, 3)) > 0
    assert reached.nonzero().flatten().tolist() == [2]


@pytest.mark.parametrize('names', [('rules',), ('context',), ('evidence',)])
@pytest.mark.parametrize('mode', ['classify', 'verbalize'])
def test_exactly_what_is_trained_gets_gradients(names, mode):
    model = recognizer(
        'Recognizer3D', FLOW, dict(
            in_channels=(64, 256), answer_mode=mode, interventions=names))
    total, _ = model.parse_losses(model.loss(torch.rand(4, 1, 3, 64, 64),
                                             random_samples()))
    total.backward()
    frozen = {n for n, p in model.named_parameters() if not p.requires_grad}
    got = {n for n, p in model.named_parameters() if p.grad is not None}
    assert frozen and all('deduction.llm.' in name for name in frozen)
    assert got == {n for n, _ in model.named_parameters()} - frozen
    assert sum('lora_' in name for name in got) == 8


def test_masked_labels_change_neither_loss_nor_gradient():
    head = make(llm=None, graph=None, loss_ccr=None).eval()
    labels = torch.randint(2, (4, len(AUS))).float()
    labels[:, 1] = -1
    head.loss(feats(), samples(labels))['loss_au'].backward()
    gradient = head.classify.weight.grad.abs().sum(dim=1)
    assert gradient[1] == 0 and gradient[[0, 2, 3]].min() > 0


CONTROLS = {
    'no llm': (dict(llm=None), {'loss_au', 'loss_ccr'}),
    'no graph': (dict(graph=None), {'loss_au', 'loss_node', 'loss_ccr'}),
    'no ccr': (dict(loss_ccr=None), {'loss_au', 'loss_node'}),
    'no llm, no ccr': (dict(llm=None, loss_ccr=None), {'loss_au'}),
    'no llm, no graph': (dict(llm=None, graph=None), {'loss_au', 'loss_ccr'}),
    'nothing drawn': (dict(interventions_per_step=0), {'loss_au', 'loss_node'}),
    'no rules left': (
        dict(graph=dict(type='AURelationGNN', prior='none'), interventions=('rules',)),
        {'loss_au', 'loss_node'}),
    'fusion': (
        dict(projector=dict(type='FusionProjector', in_features=64 * 100 + 256)),
        {'loss_au', 'loss_node', 'loss_ccr'}),
}


@pytest.mark.parametrize('control', CONTROLS)
def test_parts_can_be_left_out_or_exchanged(control):
    settings, names = CONTROLS[control]
    head = make(**settings)
    losses = head.loss(feats(), random_samples())
    assert set(losses) == names
    sum(losses.values()).backward()
    assert all(torch.isfinite(value) for value in losses.values())
    assert len(head.eval().predict(feats(), random_samples())) == 4
    assert (head.describe_prompt() is None) == (head.deduction is None)


def test_without_a_graph_there_are_no_rules_to_intervene_on():
    assert make(llm=None, graph=None).interventions == ('context', 'evidence')
    assert make(llm=None).interventions == ('rules', 'context', 'evidence')


def test_interventions_of_a_step_share_one_pass_of_the_llm():
    head, sizes = make(interventions_per_step=2), []
    head.deduction.register_forward_hook(
        lambda module, args, out: sizes.append(len(out)))
    head.loss(feats(), random_samples())
    assert sizes == [12]


def test_an_intervention_changes_what_it_says_it_changes():
    head = make().eval()
    levels, labels = as_levels(feats()), torch.randint(2, (4, len(AUS))).float()
    factual = head.reason(head.projector.encode(*levels))
    rules, same_labels, same = head._intervene_on_rules(
        head.projector.encode(*levels), labels)
    assert torch.equal(factual.content, rules.content)
    assert not torch.allclose(factual.node_logits, rules.node_logits, atol=1e-7)
    assert same.all() and torch.equal(same_labels, labels)
    for name in ('context', 'evidence'):
        premises, new, same = head._intervene_on_face(name, *levels, labels)
        assert not torch.allclose(factual.content, premises.content, atol=1e-7)
        assert torch.equal(new[same], labels[same]) and not same.all()


def test_consistency_is_asked_of_the_answers_with_the_labels_of_the_counterfactual():
    head = make(llm=None, interventions=('context',)).eval()
    levels, labels = feats(), torch.randint(2, (4, len(AUS))).float()
    torch.manual_seed(5)
    losses = head.loss(levels, samples(labels))
    torch.manual_seed(5)
    draw_interventions(('context',), 1)
    premises, new, same = head._intervene_on_face(
        'context', *as_levels(levels), labels)
    want = head.loss_ccr(head(levels), premises.node_logits, labels=new, same=same)
    assert losses['loss_ccr'].item() == pytest.approx(want.item(), rel=1e-4)


@pytest.mark.parametrize('emotions', [None, '3'])
def test_at_the_start_the_answer_is_that_of_the_nodes(emotions):
    levels = feats()
    for residual in (True, False):
        head = make(residual=residual, emotions=emotions).eval()
        nodes = head.reason(head.gather(levels)).node_logits
        assert torch.equal(head(levels), nodes) is residual


@pytest.mark.parametrize('mode', ['classify', 'verbalize'])
def test_the_llm_adds_to_the_nodes_or_decides_alone(mode):
    head, levels = make(answer_mode=mode).eval(), feats()
    if mode == 'classify':
        torch.nn.init.normal_(head.deduction.classify.weight)
    premises = head.reason(head.gather(levels))
    alone = head.deduction(premises.content, premises.instruction)
    assert torch.allclose(head(levels), alone + premises.node_logits, atol=1e-5)
    head.residual = False
    assert torch.allclose(head(levels), alone, atol=1e-5)


def test_while_evidence_warms_up_the_llm_does_not_run():
    head, runs = make().eval(), []
    torch.nn.init.normal_(head.deduction.classify.weight)  # else it adds nothing yet
    head.deduction.register_forward_hook(lambda *args: runs.append(1))
    levels = feats()
    head.deduces = False
    losses = head.loss(levels, random_samples())
    assert set(losses) == {'loss_node', 'loss_ccr'}
    losses['loss_ccr'].backward()
    assert head.graph.classify.grad.abs().sum() > 0
    node_logits = head.reason(head.gather(levels)).node_logits
    assert torch.equal(head(levels), node_logits) and runs == []
    head.deduces = True
    assert not torch.allclose(head(levels), node_logits) and runs == [1]


def test_answer_loss_is_the_asymmetric_loss_of_the_logits():
    head = make(loss_ccr=None, loss_au=dict(
        type='AsymmetricLoss', gamma_neg=0, margin=0)).eval()
    levels, labels = feats(), torch.randint(2, (4, len(AUS))).float()
    want = F.binary_cross_entropy_with_logits(head(levels), labels)
    got = head.loss(levels, samples(labels))['loss_au']
    assert got.item() == pytest.approx(want.item(), rel=1e-4)


@pytest.mark.parametrize('llm', [GLASS, LLAMA])
def test_a_strict_reload_gives_identical_logits(llm, tmp_path):
    first, second = (make(llm=llm).eval() for _ in range(2))
    for name, parameter in first.named_parameters():
        if 'lora_B' in name:
            torch.nn.init.normal_(parameter, std=0.2)
    levels = feats()
    assert not torch.equal(first(levels), second(levels))
    torch.save(first.state_dict(), tmp_path / 'head.pth')
    saved = torch.load(tmp_path / 'head.pth', weights_only=True)
    trained = {n for n, p in first.named_parameters() if p.requires_grad}
    assert set(saved) == trained
    second.load_state_dict(saved, strict=True)
    assert torch.equal(first(levels), second(levels))


@pytest.mark.parametrize('lost', ['lora_A', 'projector.queries', 'graph.strength'])
def test_a_trained_weight_that_a_checkpoint_lacks_is_reported(lost):
    head = make()
    state = {k: v for k, v in head.state_dict().items() if lost not in k}
    with pytest.raises(RuntimeError, match=f'Missing key.*{lost}'):
        head.load_state_dict(state, strict=True)


def test_identity_names_the_aus_and_the_llm():
    identity = make(llm=GLASS).identity()
    assert identity['aus'] == list(AUS)
    assert identity['llm']['name'] == 'glassllm' and identity['llm']['sha256']
    assert make(llm=None).identity() == dict(aus=list(AUS), llm=None)


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match='unknown AU 99'):
        make(aus=(1, 99), llm=None)
    with pytest.raises(ValueError, match='repeats'):
        make(aus=(1, 1), llm=None)
    with pytest.raises(ValueError, match=r"Unknown interventions \['identity'\]"):
        make(llm=None, interventions=('identity',))
    with pytest.raises(ValueError, match='answer_mode'):
        make(answer_mode='speak')


def test_labels_of_another_length_are_refused():
    with pytest.raises(ValueError, match=r'shape \(3,\).*decides 4 AUs'):
        make(llm=None).loss(feats(2), samples(torch.ones(2, 3)))
