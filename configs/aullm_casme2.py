# AULLM++ on CASME II: flow on the canonical face, AU places, SmolLM2 with LoRA.
# configs/aullm_led_casme2.py and aullm_fusion_casme2.py take frames instead or as well.
_base_ = ['_base_/default_runtime.py']

# ---------------------------------------------------------------- what you edit
data_root = 'data/casme2'  # CASME2-coding-*.xlsx, and Cropped/ or CASME2_RAW_selected/
cache_root = 'data/clip_cache'  # decoded clips, made once
aus = (1, 2, 4, 7, 12, 14, 15, 17)
llm = 'SmolLM2-135M-Instruct'  # or 'glassllm', a local folder, a hub id
split = dict(n_folds=5, fold=0, seed=0, val_fraction=0.15)  # by subject
warmup_epochs, max_epochs = 300, 304  # the LLM joins after the first
batch_size, learning_rate = 16, 1e-3

# ---------------------------------------------------------------- model
# Cross entropy that leaves unknown labels out; F1 wants positives to weigh more.
loss = dict(type='AsymmetricLoss', gamma_neg=0.0, margin=0.0, pos_weight=2.0)
model = dict(
    type='Recognizer3D',
    data_preprocessor=dict(
        type='ActionDataPreprocessor', format_shape='NCHW',
        blending=dict(type='SuperposeMotions', prob=0.6)),
    backbone=dict(
        type='FlowNet2D', image_size=64, high_channels=None, dropout=0.15),
    cls_head=dict(
        type='AULLMHead',
        aus=aus,
        in_channels=64,
        projector=dict(type='MultiGranularityProjector', num_tokens=4),
        graph=dict(type='AURelationGNN', prior='both'),
        llm=dict(
            type='CausalLM', name=llm,
            lora=dict(r=8, lora_alpha=16, lora_dropout=0.05)),
        prompt=dict(
            type='DeductionPrompt', style='premises', use_chat_template=False),
        answer_mode='classify',
        loss_au=loss,
        loss_node=loss,
        loss_ccr=dict(type='CounterfactualConsistencyLoss', label_weight=0.5),
        interventions=('rules', 'context', 'evidence')))

# ---------------------------------------------------------------- data
cached = dict(
    type='CacheClip',
    root=cache_root,
    keys=('flow',),
    transforms=[
        dict(type='LoadMicroExpressionFrames', color='gray', max_frames=16),
        dict(type='CanonicalFaceFlow', size=(64, 64)),
    ])
form = [
    dict(type='FormatMotion', keys=('flow',), layout='channels'),
    dict(type='PackAUInputs'),
]
augment = dict(
    type='AugmentMotion', max_shift=0.02, max_turn=2.0, max_scale=0.03,
    motion_gain=2.0)
train_pipeline = [cached, augment, *form]
test_pipeline = [cached, *form]

dataset = dict(
    type='MicroExpressionDataset', corpus='casme2', data_root=data_root, aus=aus,
    split=split)
train_dataloader = dict(
    batch_size=batch_size,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(part='train', pipeline=train_pipeline, **dataset))
val_dataloader = dict(
    batch_size=64,
    num_workers=1,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(part='val', pipeline=test_pipeline, test_mode=True, **dataset))
test_dataloader = dict(
    batch_size=64,
    num_workers=1,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(part='test', pipeline=test_pipeline, test_mode=True, **dataset))
val_evaluator = dict(type='AUMetric', aus=aus)
test_evaluator = val_evaluator

# ---------------------------------------------------------------- schedule
train_cfg = dict(
    type='EpochBasedTrainLoop', max_epochs=max_epochs, val_begin=max_epochs - 3,
    val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=learning_rate, weight_decay=0.01, fused=True),
    clip_grad=dict(max_norm=1.0),
    # What leads to the LLM starts late and has little time: it learns faster.
    constructor='TrainedParamsConstructor',
    paramwise_cfg=dict(lr_mult={
        'deduction.': 4.0, 'projector.project.': 4.0, 'projector.attention.': 4.0,
        'graph.strength': 10.0}))
param_scheduler = dict(  # starts anew, at half the rate, when the LLM joins
    type='CosineRestartLR', periods=[warmup_epochs, max_epochs - warmup_epochs],
    restart_weights=[1.0, 0.5], eta_min_ratio=0.02, convert_to_iter_based=True)
custom_hooks = [
    dict(type='CheckpointIdentityHook'),
    dict(type='ModelSummaryHook'),
    dict(type='EvidenceWarmupHook', epochs=warmup_epochs),
]
auto_scale_lr = dict(enable=False, base_batch_size=32)
