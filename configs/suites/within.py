# The full model and every baseline on one corpus, by subject.
#   python tools/analysis/ablate.py within --jobs 2
title = 'Within one corpus'
asks = 'Is the full model better than simpler ones on new people of the same corpus?'
protocol = 'kfold:3'
seeds = 3
reference = 'full'

# ---------------------------------------------------------------- what you edit
corpora = [dict(layout='casme2', out='data/casme2')]

# ---------------------------------------------------------------- models
rows = [
    dict(name='full', config='configs/aullm_casme2.py', group='ours'),
    dict(name='no_llm', config='configs/ablations/no_llm_casme2.py', group='ours'),
    # Weights that saw other generated clips: of the same generator, so not the same
    # question as the rows that start from nothing.
    dict(name='pretrained', config='configs/aullm_finetune_casme2.py',
         group='ours, from aullm_flow'),
    dict(name='pretrained_no_llm', config='configs/ablations/no_llm_finetune.py',
         group='ours, from aullm_flow'),
    *[dict(name=name, config=f'configs/baselines/{name}_casme2.py', group='constants')
      for name in ('all_positive', 'prior_rate')],
    *[dict(name=name, config=f'configs/baselines/{name}_casme2.py', group='baselines')
      for name in (
          'flow_histogram', 'stst_net', 'off_apex_net', 'sss_net', 'sss_net_aligned',
          'led', 'au_llm', 'slowonly_r18', 'r2plus1d_r18')],
]
