# The AU graph: which edges, which layers, what of it is learned.
#   python tools/analysis/ablate.py structure --jobs 2
title = 'Structure'
asks = 'What is the AU graph worth, and is it these edges that help?'
protocol = 'kfold:3'
seeds = 3
reference = 'full'

# ---------------------------------------------------------------- what you edit
corpora = [dict(layout='casme2', out='data/casme2')]

# ---------------------------------------------------------------- models
rows = [
    dict(name='full', config='configs/aullm_casme2.py'),
    *[dict(name=name, config=f'configs/ablations/{name}_casme2.py', group='layers')
      for name in ('no_graph', 'no_gnn', 'prior_none')],
    *[dict(name=name, config=f'configs/ablations/{name}_casme2.py', group='edges')
      for name in ('prior_full', 'prior_random', 'prior_anatomy', 'prior_prototypes',
                   'prior_cooccurrence')],
    *[dict(name=name, config=f'configs/ablations/{name}_casme2.py', group='nodes')
      for name in ('no_au_places', 'fixed_strengths', 'no_name_embedding')],
]
