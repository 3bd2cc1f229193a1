# Counterfactual consistency: whether, and which interventions.
#   python tools/analysis/ablate.py counterfactual --jobs 2
title = 'Counterfactuals'
asks = 'What is counterfactual consistency worth, and which interventions?'
protocol = 'kfold:3'
seeds = 3
reference = 'full'

# ---------------------------------------------------------------- what you edit
corpora = [dict(layout='casme2', out='data/casme2')]

# ---------------------------------------------------------------- models
rows = [
    dict(name='full', config='configs/aullm_casme2.py'),
    *[dict(name=name, config=f'configs/ablations/{name}_casme2.py')
      for name in ('no_ccr', 'ccr_rules', 'ccr_context', 'ccr_evidence')],
]
