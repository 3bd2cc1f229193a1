# A lamp goes with AU4 in training and against it in the test.
#   python tools/analysis/ablate.py spurious --jobs 2
title = 'A spurious cue'
asks = ('In training a lamp swells on the left where AU4 is shown, on the right where '
        'it is not, in nine clips of ten; in the test it is the other way round. Which '
        'model falls for it (see AU4)? In the group "no relation" both sides are as '
        'frequent.')
seeds = 3
reference = 'full'

# ---------------------------------------------------------------- what you edit
corpora = [
    dict(layout='casme2', spurious='light:4:0.9', out='data/spurious_light_90'),
    dict(layout='casme2', spurious='light:4:0.5', out='data/spurious_light_50'),
]

# ---------------------------------------------------------------- models
related = dict(
    group='spurious', data_root='data/spurious_light_90',
    protocol='file:data/spurious_light_90/spurious_split.json')
unrelated = dict(
    group='no relation', data_root='data/spurious_light_50',
    protocol='file:data/spurious_light_50/spurious_split.json')
models = dict(
    full='configs/aullm_casme2.py',
    no_llm='configs/ablations/no_llm_casme2.py',
    no_ccr='configs/ablations/no_ccr_casme2.py',
    no_gate='configs/ablations/no_gate_casme2.py',
    sss_net='configs/baselines/sss_net_casme2.py',
    led='configs/baselines/led_casme2.py')
rows = [
    *[dict(name=name, config=config, **related) for name, config in models.items()],
    *[dict(name=f'{name}_control', config=config, reference='full_control',
           **unrelated) for name, config in models.items()],
]
del related, unrelated, models
