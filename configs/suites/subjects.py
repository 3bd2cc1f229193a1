# F1 against the number of people to learn from; the test clips are the same.
#   python tools/analysis/ablate.py subjects --jobs 2
title = 'Number of training subjects'
asks = ('How many people must a model see? The smaller parts are within the larger '
        'ones; validation subjects come on top.')
protocol = 'kfold:3'
seeds = 3
reference = 'full_12'
x_label = 'training subjects of each fold'

# ---------------------------------------------------------------- what you edit
counts = (2, 4, 8, 12)
corpora = [dict(layout='casme2', out='data/casme2')]

# ---------------------------------------------------------------- models
rows = [
    dict(name=f'{name}_{k}', config=config, split=dict(train_subjects=k),
         reference=f'full_{k}', curve=name, x=k)
    for name, config in (
        ('full', 'configs/aullm_casme2.py'),
        ('no_llm', 'configs/ablations/no_llm_casme2.py'),
        ('sss_net', 'configs/baselines/sss_net_casme2.py'))
    for k in counts]
del counts
