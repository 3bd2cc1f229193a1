# Fine-tuning from the packaged weights against training from nothing, by number of
# people to learn from. The weights have seen other generated people and clips.
#   python tools/analysis/ablate.py finetune --jobs 2
title = 'Starting from the packaged weights'
asks = ('What are weights worth that have seen 2,846 other generated clips, where few '
        'people can be learned from? The test clips are the same for all rows; the '
        'smaller parts are within the larger ones. Pretraining and test come from one '
        'generator, so that this is what such weights are worth at the most. All rows '
        'are without an LLM.')
protocol = 'kfold:3'
seeds = 3
reference = 'from_nothing_20'
x_label = 'training subjects of each fold'

# ---------------------------------------------------------------- what you edit
counts = (5, 10, 20)
corpora = [
    dict(layout='casme2', out='data/casme2'),
    dict(layout='samm', out='data/samm'),
]
corpus = ('casme2', 'samm')
data_root = ('data/casme2', 'data/samm')

# ---------------------------------------------------------------- models
rows = [
    dict(name=f'{name}_{k}', config=config, split=dict(train_subjects=k),
         reference=f'from_nothing_{k}', curve=name, x=k)
    for name, config in (
        ('from_nothing', 'configs/ablations/no_llm_casme2.py'),
        ('from_aullm_flow', 'configs/ablations/no_llm_finetune.py'))
    for k in counts]
del counts
