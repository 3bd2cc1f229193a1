# Two small models on a small corpus: does the machinery of comparisons work?
#   python tools/analysis/ablate.py smoke --report demo_output/smoke.md
title = 'Smoke test'
asks = 'Does a comparison run from end to end?'
protocol = 'kfold:2'
seeds = 1
reference = 'sss_net'

# ---------------------------------------------------------------- what you edit
corpora = [dict(layout='casme2', subjects=6, clips=24, seed=1, out='data/smoke_casme2')]
data_root = 'data/smoke_casme2'
cache_root = 'data/smoke_cache'
split = dict(val_fraction=0.3)
cfg_options = {'train_cfg.max_epochs': 2, 'train_cfg.val_begin': 2}

# ---------------------------------------------------------------- models
rows = [
    dict(name='sss_net', config='configs/baselines/sss_net_casme2.py'),
    dict(name='histogram', config='configs/baselines/flow_histogram_casme2.py'),
]
