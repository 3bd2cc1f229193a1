# AULLM++ on the composite of CASME II and SAMM: AUs, and the three emotions of MEGC 2019.
# Clips with another emotion ("others") train and test the AUs only.
_base_ = ['aullm_casme2.py']

# ---------------------------------------------------------------- what you edit
# With SMIC, which codes emotions and no AUs (they are masked), add to the two lines
# 'smic' and 'data/smic'. As many corpora, in any order; each has its own folder.
corpus = ('casme2', 'samm')
data_root = ('data/casme2', 'data/samm')
emotions = '3'  # negative, positive, surprise; other schemes: aullm_mm/facs/emotions.py

# ---------------------------------------------------------------- wiring
# The AU list is that of the base: every AU of it is coded by CASME II and by SAMM.
model = dict(cls_head=dict(
    emotions=emotions,
    # Negative clips are most of the composite; UF1 and UAR count classes, not clips.
    loss_emotion=dict(type='EmotionLoss', balanced=True)))
dataset = dict(corpus=corpus, data_root=data_root, emotions=emotions)
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = dict(dataset=dataset)
val_evaluator = [
    dict(type='AUMetric', aus={{_base_.aus}}),
    dict(type='EmotionMetric', emotions=emotions),
]
test_evaluator = val_evaluator
default_hooks = dict(checkpoint=dict(save_best='emotion/UF1'))
