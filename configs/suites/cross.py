# The full model and the baselines, trained on one corpus and tested on the other.
#   python tools/analysis/ablate.py cross --jobs 2
title = 'From corpus to corpus'
asks = 'Which model carries over to a corpus that it has not seen?'
protocol = 'leave-one-corpus-out'
seeds = 3
reference = 'full'

# ---------------------------------------------------------------- what you edit
corpora = [
    dict(layout='casme2', out='data/casme2'),
    dict(layout='samm', out='data/samm'),
]
corpus = ('casme2', 'samm')
data_root = ('data/casme2', 'data/samm')

# ---------------------------------------------------------------- models
rows = [
    dict(name='full', config='configs/aullm_cross.py', group='ours'),
    dict(name='no_llm', config='configs/ablations/no_llm_cross.py', group='ours'),
    # Weights that saw other generated clips: of the same generator, so not the same
    # question as the rows that start from nothing.
    dict(name='pretrained', config='configs/aullm_finetune_casme2.py',
         group='ours, from aullm_flow'),
    dict(name='pretrained_no_llm', config='configs/ablations/no_llm_finetune.py',
         group='ours, from aullm_flow'),
    *[dict(name=name, config=f'configs/baselines/{name}_casme2.py', group='baselines')
      for name in ('flow_histogram', 'stst_net', 'off_apex_net', 'sss_net',
                   'sss_net_aligned', 'led', 'au_llm')],
]
