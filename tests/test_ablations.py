# Copyright (c) AULLM-MM contributors.
"""Every ablation differs from the full model in what it says, and in nothing else."""
import re
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from aullm_mm.models.evidence import as_levels
from aullm_mm.models.llm.loading import load_llm, weights_digest
from aullm_mm.models.projectors import FusionProjector
from aullm_mm.registry import MODELS

CONFIGS = Path(__file__).resolve().parents[1] / 'configs'
GONE = 'gone'
HEAD, LR = 'model.cls_head.', 'optim_wrapper.paramwise_cfg.lr_mult.'
CHANGES = {
    'efp': {
        HEAD + 'projector.type': 'FusionProjector',
        HEAD + 'projector.in_features': 6464, HEAD + 'projector.num_tokens': GONE,
        LR + 'projector.project.': GONE, LR + 'projector.attention.': GONE,
        LR + 'projector.mlp.': 4.0, HEAD + 'graph.heads': 1},
    'no_high_frequency': {HEAD + 'projector.high_frequency': False},
    'no_gate': {HEAD + 'projector.gate': False},
    'one_grid': {HEAD + 'projector.grids': ((1, 1),)},
    'no_superposition': {'model.data_preprocessor.blending': None},
    'no_au_places': {HEAD + 'graph.anatomy': False},
    'no_residual': {HEAD + 'residual': False},
    'prior_none': {HEAD + 'graph.prior': 'none'},
    'prior_full': {HEAD + 'graph.prior': 'full'},
    'prior_random': {HEAD + 'graph.prior': 'random', HEAD + 'graph.prior_seed': 0},
    'prior_anatomy': {HEAD + 'graph.prior': 'anatomy'},
    'prior_prototypes': {HEAD + 'graph.prior': 'prototypes'},
    'prior_cooccurrence': {HEAD + 'graph.prior': 'co-occurrence'},
    'fixed_strengths': {
        HEAD + 'graph.learn_strength': False, LR + 'graph.strength': GONE},
    'no_gnn': {HEAD + 'graph.num_layers': 0, HEAD + 'graph.prior': 'none'},
    'no_graph': {HEAD + 'graph': None, LR + 'graph.strength': GONE},
    'no_name_embedding': {HEAD + 'graph.name_embedding': False},
    'no_ccr': {HEAD + 'loss_ccr': None},
    'ccr_rules': {HEAD + 'interventions': ('rules',)},
    'ccr_context': {HEAD + 'interventions': ('context',)},
    'ccr_evidence': {HEAD + 'interventions': ('evidence',)},
    'tokens_1': {HEAD + 'projector.num_tokens': 1},
    'tokens_8': {HEAD + 'projector.num_tokens': 8},
    'verbalize': {HEAD + 'answer_mode': 'verbalize'},
    'lora_rank_0': {HEAD + 'llm.lora': None},
    'lora_rank_4': {HEAD + 'llm.lora.r': 4, HEAD + 'llm.lora.lora_alpha': 8},
    'lora_rank_16': {HEAD + 'llm.lora.r': 16, HEAD + 'llm.lora.lora_alpha': 32},
    'no_llm': {
        HEAD + 'llm': None, LR + 'deduction.': GONE, LR + 'projector.project.': GONE,
        LR + 'projector.attention.': GONE},
    'random_llm': {HEAD + 'llm.pretrained': False},
    'glassllm': {HEAD + 'llm.name': 'glassllm', HEAD + 'prompt.style': 'brief'},
}
INPUT = ('crop_flow',)
NEAREST = {'led': 'aullm_led_casme2.py', 'flow_led': 'aullm_fusion_casme2.py'}


def config(name):
    return Config.fromfile(CONFIGS / 'ablations' / f'{name}_casme2.py')


def full():
    return Config.fromfile(CONFIGS / 'aullm_casme2.py')


def differences(before, after, path=''):
    """Dotted keys whose values differ, with the value after."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return {} if before == after else {path[:-1]: after}
    found = {}
    for key in before.keys() | after.keys():
        pair = before.get(key, GONE), after.get(key, GONE)
        found.update(differences(*pair, f'{path}{key}.'))
    return found


def build(name=None):
    """The head of an ablation, or of the full model, with the small LLM."""
    head = (full() if name is None else config(name)).model.cls_head
    if head.llm is not None:
        head.llm.name, head.prompt.style = 'glassllm', 'brief'
    return MODELS.build(head).eval()


def flow_features(batch=2):
    return torch.rand(batch, 64, 10, 10)


def undirected(head):
    return head.graph.edge_index.shape[1] // 2


@pytest.fixture(scope='module')
def complete():
    """The full model, for the tests that do not change it."""
    return build()


def test_every_ablation_is_listed_here():
    found = {path.stem for path in (CONFIGS / 'ablations').glob('*_casme2.py')}
    assert found == {f'{name}_casme2' for name in (*CHANGES, *INPUT, *NEAREST)}


def test_every_ablation_is_in_the_table_of_the_docs():
    page = (CONFIGS.parent / 'docs' / 'configs.md').read_text(encoding='utf-8')
    cells = [row.split('|')[1] for row in page.splitlines() if row.startswith('| `')]
    assert {*CHANGES, *INPUT, *NEAREST} <= set(re.findall(r'`(\w+)`', ' '.join(cells)))


@pytest.mark.parametrize('name', CHANGES)
def test_config_changes_what_it_says_and_nothing_else(name):
    found = differences(full().to_dict(), config(name).to_dict())
    hooks = found.pop('custom_hooks', None)
    assert found == CHANGES[name]
    if name == 'prior_cooccurrence':
        assert hooks == [*full().custom_hooks, dict(type='CooccurrencePriorHook')]
    else:
        assert hooks is None


@pytest.mark.parametrize('name', NEAREST)
def test_other_evidence_is_that_of_a_config_of_its_own(name):
    nearest = Config.fromfile(CONFIGS / NEAREST[name])
    assert config(name).to_dict() == nearest.to_dict() != full().to_dict()


def test_crop_flow_changes_the_flow_and_nothing_else():
    before, after = full().to_dict(), config('crop_flow').to_dict()
    pipelines = {f'{part}_dataloader.dataset.pipeline'
                 for part in ('train', 'val', 'test')}
    assert set(differences(before, after)) == {'cached.transforms', *pipelines}
    for part in ('train', 'val', 'test'):
        ours, crop = (
            cfg[f'{part}_dataloader']['dataset']['pipeline'] for cfg in (before, after))
        assert crop[1:] == ours[1:]
        assert differences(ours[0], crop[0]) == {'transforms': [
            ours[0]['transforms'][0], dict(type='OnsetApexFlow', size=(64, 64))]}


@pytest.mark.parametrize('name', [
    name for name in CHANGES if name not in ('no_llm', 'random_llm', 'glassllm')])
def test_head_is_built_with_the_small_llm_and_answers(name):
    head = build(name)
    if name == 'prior_cooccurrence':
        head.graph.learn_support(torch.randint(2, (40, len(head.aus))).numpy())
    with torch.no_grad():
        assert head(flow_features()).shape == (2, len(head.aus))


def test_efp_joins_all_features_to_one_token(complete):
    projector = build('efp').projector
    evidence = projector.encode(*as_levels(flow_features()))
    assert isinstance(projector, FusionProjector) and projector.num_tokens == 1
    assert evidence.tokens.shape == (2, 1, 6464) and (evidence.gates == 1).all()
    sizes = [sum(p.numel() for p in part.parameters())
             for part in (projector, complete.projector)]
    assert sizes[0] > 20 * sizes[1]


def test_high_frequencies_have_no_strength_to_learn(complete):
    with_, without = (set(head.projector.state_dict()) for head in (
        complete, build('no_high_frequency')))
    assert with_ - without == {'levels.0.enhance.strength'} and without < with_


def test_without_a_gate_every_token_counts_the_same(complete):
    levels = as_levels(flow_features())
    projector = build('no_gate').projector
    assert (projector.encode(*levels).gates == 1).all()
    assert (complete.projector.encode(*levels).gates < 1).all()
    missing = set(complete.projector.state_dict()) - set(projector.state_dict())
    assert missing and all(key.startswith('gate.') for key in missing)


def test_one_grid_leaves_the_whole_face_beside_the_semantics():
    evidence = build('one_grid').projector.encode(*as_levels(flow_features()))
    assert evidence.tokens.shape[1] == 2


@pytest.mark.parametrize('name', [
    'prior_none', 'prior_full', 'prior_random', 'prior_cooccurrence'])
def test_priors_have_the_density_that_they_are_named_for(name, complete):
    n, both = len(complete.aus), undirected(complete)
    want = dict(prior_none=0, prior_full=n * (n - 1) // 2).get(name, both)
    assert undirected(build(name)) == want


def test_anatomy_and_prototypes_together_are_the_prior_of_the_full_model(complete):
    heads = build('prior_anatomy'), build('prior_prototypes')
    pairs = [set(map(tuple, h.graph.edge_index.t().tolist())) for h in heads]
    union = set(map(tuple, complete.graph.edge_index.t().tolist()))
    assert pairs[0] | pairs[1] == union and all(p < union for p in pairs)


def test_fixed_strengths_keep_the_signs_of_the_prior(complete):
    strength = build('fixed_strengths').graph.strength
    assert not strength.requires_grad and complete.graph.strength.requires_grad
    assert torch.equal(strength, complete.graph.strength)


@pytest.mark.parametrize('name', ['no_gnn', 'prior_none'])
def test_an_au_without_messages_depends_on_itself_only(name):
    head = build(name)
    premises = head.reason(head.gather(flow_features(1)))
    for i, logit in enumerate(premises.node_logits[0]):
        identity = head.graph.nodes.identity
        moved = torch.autograd.grad(logit, identity, retain_graph=True)[0].abs().sum(1)
        assert moved.nonzero().flatten().tolist() == [i]
    assert head.interventions == ('context', 'evidence')
    assert len(head.graph.layers) == 0 or name == 'prior_none'


def test_nodes_without_a_name_do_not_read_it():
    head = build('no_name_embedding')
    evidence, names = head.gather(flow_features()), head.deduction.au_names
    logits = [head.graph(evidence, n).logits for n in (None, names)]
    assert head.graph.nodes.name is None and torch.equal(*logits)


@pytest.mark.parametrize('name, count', [('tokens_1', 1), ('tokens_8', 8)])
def test_content_has_as_many_tokens_as_the_name_says(name, count):
    head = build(name)
    assert head.reason(head.gather(flow_features())).content.shape[1] == count


def test_without_au_places_the_foci_start_anywhere(complete):
    heads = build('no_au_places'), complete
    spread = [head.graph.nodes.focus.std() for head in heads]
    assert spread[0] < 0.6 < spread[1]


def test_without_a_residual_the_llm_decides_alone(complete):
    for head, adds in ((build('no_residual'), False), (complete, True)):
        premises = head.reason(head.gather(flow_features()))
        llm = head.deduction(premises.content, premises.instruction)
        want = llm + premises.node_logits if adds else llm
        assert torch.allclose(head.deduce(premises), want, atol=1e-5)


def test_rank_of_lora_scales_what_the_llm_learns(complete):
    def learned(head):
        llm = head.deduction.llm
        return sum(p.numel() for p in llm.parameters() if p.requires_grad)

    whole = learned(complete)
    assert learned(build('lora_rank_0')) == 0
    assert learned(build('lora_rank_4')) == whole // 2
    assert learned(build('lora_rank_16')) == whole * 2


def test_frozen_llm_passes_gradients_to_all_that_learns():
    head = build('lora_rank_0')
    torch.nn.init.normal_(head.deduction.classify.weight)  # as after a first step
    head(flow_features()).sum().backward()
    for part in (head.projector.queries, head.graph.strength):
        assert part.grad is not None and part.grad.abs().sum() > 0
    assert not [n for n in head.state_dict() if '.llm.' in n]


def test_random_llm_has_the_size_of_the_pretrained_one_and_other_weights():
    name = full().model.cls_head.llm.name
    weights = [load_llm(name, 'float32', pretrained=p) for p in (True, False)]
    shapes = [{n: tuple(p.shape) for n, p in m.named_parameters()} for m in weights]
    assert shapes[0] == shapes[1]
    assert sum(p.numel() for p in weights[1].parameters()) > 130e6
    matrices = [
        (a, b) for a, b in zip(*(m.parameters() for m in weights)) if a.dim() > 1]
    assert not any(torch.equal(a, b) for a, b in matrices)
    assert weights_digest(weights[0]) != weights_digest(weights[1])
