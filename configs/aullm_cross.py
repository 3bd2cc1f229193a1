# AULLM++ over several corpora, for cross:A->B and leave-one-corpus-out:
# python tools/cross_validate.py configs/aullm_cross.py --protocol leave-one-corpus-out
_base_ = ['aullm_casme2.py']

# ---------------------------------------------------------------- what you edit
corpus = ('casme2', 'samm')  # CD6ME: casme, casme2, samm, 4dme, mmew, casme3a
data_root = ('data/casme2', 'data/samm')

# ---------------------------------------------------------------- wiring
dataset = dict(corpus=corpus, data_root=data_root)
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = dict(dataset=dataset)
