# AU-LLM (arXiv 2507.21778): LED, 3-D CNN with SE, EFP, one visual token last, LoRA.
# How it departs from the released script: docs/baselines.md.
_base_ = ['../aullm_led_casme2.py']

# ---------------------------------------------------------------- what you edit
llm = 'SmolLM2-135M-Instruct'  # the script names none
max_epochs, batch_size = 30, 16

# ---------------------------------------------------------------- wiring
model = dict(cls_head=dict(
    _delete_=True,
    type='AULLMHead',
    aus={{_base_.aus}},
    in_channels=(64, 256),
    projector=dict(type='FusionProjector', in_features=64 * 2 * 9 * 9 + 256),
    graph=None,
    llm=dict(
        type='CausalLM', name=llm,
        lora=dict(
            r=16, lora_alpha=32, lora_dropout=0.1, target_modules=['q_proj', 'v_proj'],
            bias='none')),
    prompt=dict(type='DeductionPrompt', style='au_llm', use_chat_template=False),
    answer_mode='classify',
    residual=False,  # the LLM decides alone
    loss_au=dict(type='AsymmetricLoss', gamma_neg=4.0, gamma_pos=0.0, margin=0.05),
    loss_node=dict(type='AsymmetricLoss', loss_weight=0.0),  # AU-LLM has none
    loss_ccr=None))
train_dataloader = dict(batch_size=batch_size)
train_cfg = dict(max_epochs=max_epochs, val_begin=max_epochs - 3)
optim_wrapper = dict(
    _delete_=True,
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=3e-5, weight_decay=0.005),
    constructor='TrainedParamsConstructor')
param_scheduler = None
custom_hooks = [
    dict(type='CheckpointIdentityHook'),
    dict(type='ModelSummaryHook'),
]
