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
rows = [
    dict(name='full', config='configs/aullm_casme2.py'),
    *[dict(name=name, config=f'configs/ablations/{name}_casme2.py', group='input')
      for name in ('crop_flow', 'no_superposition', 'led', 'flow_led')],
    *[dict(name=name, config=f'configs/ablations/{name}_casme2.py', group='projector')
      for name in ('efp', 'one_grid', 'no_gate', 'no_high_frequency', 'tokens_1',
                   'tokens_8')],
]
