# The LLM: whether, which, how much of it is adapted, how it answers.
#   python tools/analysis/ablate.py deduction --jobs 2
title = 'Deduction'
asks = 'What is the LLM worth, and is it what it has read?'
protocol = 'kfold:3'
seeds = 3
reference = 'full'

# ---------------------------------------------------------------- what you edit
corpora = [dict(layout='casme2', out='data/casme2')]

# ---------------------------------------------------------------- models
rows = [
    dict(name='full', config='configs/aullm_casme2.py'),
    *[dict(name=name, config=f'configs/ablations/{name}_casme2.py', group='which LLM')
      for name in ('no_llm', 'random_llm', 'glassllm')],
    *[dict(name=name, config=f'configs/ablations/{name}_casme2.py', group='adapters')
      for name in ('lora_rank_0', 'lora_rank_4', 'lora_rank_16')],
    *[dict(name=name, config=f'configs/ablations/{name}_casme2.py', group='answer')
      for name in ('no_residual', 'verbalize')],
]
