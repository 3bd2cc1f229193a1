# What each part of evidence, structure and consistency is worth, without an LLM.
#   python tools/analysis/ablate.py parts --jobs 2
title = 'What each part is worth'
asks = ('What does the F1 on a corpus not seen in training lose when one part is '
        'changed? All rows are without an LLM: four times as fast, and the LLM is '
        'asked about on its own.')
protocol = 'leave-one-corpus-out'
seeds = 3
reference = 'control'

# ---------------------------------------------------------------- what you edit
corpora = [
    dict(layout='casme2', out='data/casme2'),
    dict(layout='samm', out='data/samm'),
]
corpus = ('casme2', 'samm')
data_root = ('data/casme2', 'data/samm')

# ---------------------------------------------------------------- models
cfg_options = {
    'model.cls_head.llm': None,
    'optim_wrapper.paramwise_cfg': None}
groups = dict(
    input=('crop_flow', 'no_superposition'),
    projector=('efp', 'one_grid', 'no_gate', 'no_high_frequency'),
    structure=('no_graph', 'no_au_places', 'no_gnn', 'fixed_strengths'),
    edges=('prior_full', 'prior_random', 'prior_anatomy', 'prior_prototypes',
           'prior_cooccurrence'),
    counterfactuals=('no_ccr', 'ccr_rules', 'ccr_context', 'ccr_evidence'))
rows = [
    dict(name='control', config='configs/aullm_casme2.py'),
    *[dict(name=name, config=f'configs/ablations/{name}_casme2.py', group=group)
      for group, names in groups.items() for name in names],
]
del groups
