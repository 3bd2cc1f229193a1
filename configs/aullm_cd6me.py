# AULLM++ on CD6ME: six corpora, twelve AUs, each corpus tested in turn.
# python tools/cross_validate.py configs/aullm_cd6me.py --protocol leave-one-corpus-out
_base_ = ['aullm_cross.py']

# ---------------------------------------------------------------- what you edit
corpus = ('casme', 'casme2', 'samm', '4dme', 'mmew', 'casme3a')
data_root = ('data/casme', 'data/casme2', 'data/samm', 'data/4dme', 'data/mmew',
             'data/casme3')
aus = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17)

# ---------------------------------------------------------------- wiring
model = dict(cls_head=dict(aus=aus))
dataset = dict(corpus=corpus, data_root=data_root, aus=aus)
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = dict(dataset=dataset)
val_evaluator = dict(aus=aus)
test_evaluator = val_evaluator
