# The same project with AULLM++: one import, one changed head, a metric that fits AUs.
_base_ = ['before.py']
custom_imports = dict(imports=['aullm_mm'], allow_failed_imports=False)

aus = (1, 2, 4, 7, 12, 14, 15, 17)  # what the project's eight labels stand for
model = dict(
    cls_head=dict(
        _delete_=True,
        type='AULLMHead',
        aus=aus,
        in_channels=512,
        llm=dict(type='CausalLM', name='glassllm'),
        prompt=dict(type='DeductionPrompt', style='brief'),
        loss_ccr=dict(type='CounterfactualConsistencyLoss')))
test_evaluator = dict(_delete_=True, type='AUMetric', aus=aus)
