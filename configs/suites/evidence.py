# What the evidence is made of, and how it becomes tokens.
#   python tools/analysis/ablate.py evidence --jobs 2
title = 'Evidence'
asks = 'What is each part of the evidence worth?'
protocol = 'kfold:3'
seeds = 3
reference = 'full'

# ---------------------------------------------------------------- what you edit
corpora = [dict(layout='casme2', out='data/casme2')]

# ---------------------------------------------------------------- models
# These have no context to exchange: what they are compared with has not either.
by_rules = ('efp', 'no_gate', 'one_grid')
rows = [
    dict(name='full', config='configs/aullm_casme2.py'),
    *[dict(name=name, config=f'configs/ablations/{name}_casme2.py', group='input')
      for name in ('led', 'flow_led')],
    *[dict(name=name, config=f'configs/ablations/{name}_casme2.py', group='projector')
      for name in ('no_high_frequency', 'tokens_1', 'tokens_8')],
    dict(name='ccr_rules', config='configs/ablations/ccr_rules_casme2.py',
         group='projector, counterfactuals by rules only'),
    *[dict(name=name, config=f'configs/ablations/{name}_casme2.py',
           group='projector, counterfactuals by rules only', reference='ccr_rules')
      for name in by_rules],
]
del by_rules
