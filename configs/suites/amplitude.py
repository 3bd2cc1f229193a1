# F1 against the size of the movements.
#   python tools/analysis/ablate.py amplitude --jobs 2
title = 'Size of the movements'
asks = 'How small may a movement be? 1 is a micro-expression.'
protocol = 'kfold:3'
seeds = 1
reference = 'full_1'
x_label = 'amplitude of the movements'

# ---------------------------------------------------------------- what you edit
amplitudes = (0.25, 0.5, 1, 2)
corpora = [
    dict(layout='casme2', amplitude=float(a), out=f'data/amplitude_{a}')
    for a in amplitudes]

# ---------------------------------------------------------------- models
rows = [
    dict(name=f'{name}_{a}', config=config, data_root=f'data/amplitude_{a}',
         reference=f'full_{a}', curve=name, x=a)
    for name, config in (
        ('full', 'configs/aullm_casme2.py'),
        ('no_llm', 'configs/ablations/no_llm_casme2.py'),
        ('sss_net', 'configs/baselines/sss_net_casme2.py'))
    for a in amplitudes]
del amplitudes
