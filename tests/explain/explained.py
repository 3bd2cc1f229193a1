# Copyright (c) AULLM-MM contributors.
"""Small models of every kind and their clips, for the tests of traces."""
import torch
from mmaction.registry import MODELS

from aullm_mm.structures import AUDataSample

AUS = (1, 2, 4, 12)
GLASS = dict(type='CausalLM', name='glassllm', lora=dict(r=2, lora_dropout=0.0))
BRIEF = dict(type='DeductionPrompt', style='brief')
FLOW = dict(type='FlowNet2D', high_channels=None)
RESNET = dict(type='ResNet', depth=18, norm_cfg=dict(type='BN'), pretrained=None,
              in_channels=1)


def build(
    backbone=FLOW, in_channels=64, kind='Recognizer3D', layout='NCHW', seed=0, **head
):
    """A recognizer whose trained weights are all random, the LLM's part too."""
    torch.manual_seed(seed)
    settings = dict(
        type='AULLMHead', aus=AUS, in_channels=in_channels, llm=GLASS, prompt=BRIEF)
    settings.update(head)
    if settings['type'] == 'MultiLabelHead':
        settings = {k: v for k, v in settings.items() if k not in ('llm', 'prompt')}
    model = MODELS.build(dict(
        type=kind, backbone=backbone, cls_head=settings,
        data_preprocessor=dict(type='ActionDataPreprocessor', format_shape=layout)))
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            scale = 0.1 if 'classify' in name else 0.02
            parameter.data.add_(torch.randn_like(parameter) * scale)
    return model.eval()


def clips(count=3, shape=(1, 3, 64, 64), seed=1):
    """Packed samples of smooth random movement."""
    torch.manual_seed(seed)
    size = (*shape[1:-2], 8, 8)
    found = []
    for index in range(count):
        coarse = torch.randn(1, torch.Size(size[:-2]).numel(), 8, 8) * 3
        fine = torch.nn.functional.interpolate(coarse, shape[-2:], mode='bilinear')
        inputs = fine.reshape(1, *shape[1:]) if shape[0] == 1 else torch.stack(
            [fine.reshape(shape[1:]) * t for t in range(shape[0])])
        sample = AUDataSample()
        sample.set_metainfo(dict(clip_id=f'made/sub{index}/clip'))
        found.append(dict(inputs=inputs, data_samples=sample))
    return found


def scores_of(model, data):
    """Scores of the plain prediction."""
    batch = dict(inputs=[s['inputs'] for s in data],
                 data_samples=[AUDataSample() for _ in data])
    with torch.no_grad():
        return torch.stack([s.pred_score for s in model.test_step(batch)])
