# Fine-tuning on CASME II from the weights of the zoo, see docs/model_zoo.md.
_base_ = ['aullm_casme2.py']

# ---------------------------------------------------------------- what you edit
load_from = 'aullm-mm://aullm_flow'
warmup_epochs, max_epochs = 16, 22  # the LLM joins after the first
learning_rate = 3e-4

# ---------------------------------------------------------------- schedule
train_cfg = dict(max_epochs=max_epochs, val_begin=max_epochs - 3)
optim_wrapper = dict(optimizer=dict(lr=learning_rate))
param_scheduler = dict(periods=[warmup_epochs, max_epochs - warmup_epochs])
custom_hooks = [
    dict(type='CheckpointIdentityHook'),
    dict(type='ModelSummaryHook'),
    dict(type='EvidenceWarmupHook', epochs=warmup_epochs),
]
