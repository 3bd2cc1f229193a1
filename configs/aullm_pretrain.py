# The packaged weights `aullm_flow`: the twelve AUs of CD6ME on generated clips only.
#   python tools/make_synthetic.py --preset pretrain --out data/pretrain_casme2
#   python tools/make_synthetic.py --preset pretrain --layout samm \
#       --out data/pretrain_samm
#   python tools/train.py configs/aullm_pretrain.py
_base_ = ['aullm_cross.py']

# ---------------------------------------------------------------- what you edit
data_root = ('data/pretrain_casme2', 'data/pretrain_samm')
aus = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17)
split = dict(n_folds=2, fold=0, seed=0, val_fraction=0.05)  # by subject
warmup_epochs, max_epochs = 40, 41
batch_size = 32

# ---------------------------------------------------------------- wiring
model = dict(cls_head=dict(aus=aus))
dataset = dict(data_root=data_root, aus=aus, split=split)
train_dataloader = dict(batch_size=batch_size, dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = dict(dataset=dataset)
val_evaluator = dict(aus=aus)
test_evaluator = val_evaluator
train_cfg = dict(max_epochs=max_epochs, val_begin=max_epochs - 3)
param_scheduler = dict(periods=[warmup_epochs, max_epochs - warmup_epochs])
custom_hooks = [
    dict(type='CheckpointIdentityHook'),
    dict(type='ModelSummaryHook'),
    dict(type='EvidenceWarmupHook', epochs=warmup_epochs),
]
