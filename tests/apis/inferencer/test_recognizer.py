# Copyright (c) AULLM-MM contributors.
"""A recognizer comes out of its checkpoint alone, and nothing in one is run."""
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from aullm_mm.apis.inferencer.recognizer import check_types, load_recognizer
from aullm_mm.registry import MODELS

AUS = (4, 12)
MARK = 'was_run'


def small_config(**changes) -> Config:
    model = dict(
        type='Recognizer3D', data_preprocessor=dict(
            type='ActionDataPreprocessor', format_shape='NCHW'),
        backbone=dict(type='FlowNet2D', image_size=64, high_channels=None),
        cls_head=dict(type='AULLMHead', aus=AUS, in_channels=64, llm=None))
    pipeline = [
        dict(type='LoadMicroExpressionFrames', color='gray', max_frames=16),
        dict(type='CanonicalFaceFlow', size=(64, 64)),
        dict(type='FormatMotion', keys=('flow',), layout='channels'),
        dict(type='PackAUInputs')]
    values = dict(
        default_scope='mmaction', model=model,
        test_dataloader=dict(dataset=dict(pipeline=pipeline)),
        test_evaluator=dict(type='AUMetric', aus=AUS, thresholds=[0.4, 0.6]))
    return Config({**values, **changes})


def write_checkpoint(path: Path, cfg_text: str | None = None, **identity) -> str:
    config = small_config()
    model = MODELS.build(config.model)
    meta = dict(
        cfg=config.pretty_text if cfg_text is None else cfg_text,
        aullm_mm={**model.cls_head.identity(), 'subjects': [], **identity})
    torch.save(dict(state_dict=model.state_dict(), meta=meta), path)
    return str(path)


def test_checkpoint_alone_suffices(tmp_path):
    found = load_recognizer(write_checkpoint(tmp_path / 'best.pth'))
    assert (found.name, found.aus, found.llm) == ('best', AUS, None)
    assert found.thresholds == (0.4, 0.6) and not found.model.training
    assert [step['type'] for step in found.pipeline][1] == 'CanonicalFaceFlow'


def test_packaged_weights_are_the_default():
    found = load_recognizer()
    assert found.name == 'aullm_flow' and found.semi_synthetic and len(found.aus) == 12
    assert found.llm == 'SmolLM2-135M-Instruct' and found.checkpoint is None


def test_thresholds_of_the_caller_win(tmp_path):
    path = write_checkpoint(tmp_path / 'best.pth')
    assert load_recognizer(path, thresholds={12: 0.9}).thresholds == (0.4, 0.9)
    with pytest.raises(ValueError, match=r'AUs \[26\], the model decides \[4, 12\]'):
        load_recognizer(path, thresholds={26: 0.5})
    with pytest.raises(ValueError, match='between 0 and 1, got 1.5'):
        load_recognizer(path, thresholds={4: 1.5})


def test_code_in_the_config_of_a_checkpoint_is_not_run(tmp_path):
    text = f"model = open({str(tmp_path / MARK)!r}, 'w')"
    path = write_checkpoint(tmp_path / 'bad.pth', cfg_text=text)
    with pytest.raises(ValueError, match='holds more than plain values'):
        load_recognizer(path)
    assert not (tmp_path / MARK).exists()


def test_any_python_object_as_a_component_is_refused(tmp_path):
    # MMEngine would import and call it.
    config = small_config(model=dict(
        type='pathlib.Path', cls_head=dict(type='os.mkdir', path=str(tmp_path / MARK))))
    path = write_checkpoint(tmp_path / 'bad.pth', cfg_text=config.pretty_text)
    with pytest.raises(ValueError, match="asks for 'pathlib.Path'"):
        load_recognizer(path)
    with pytest.raises(ValueError, match="asks for 'os.mkdir'"):
        check_types([dict(a=(dict(type='os.mkdir'),))], 'bad.pth')
    check_types(dict(type='mmaction.Recognizer3D'), 'good.pth')
    assert not (tmp_path / MARK).exists()


def test_weights_of_another_au_list_are_refused(tmp_path):
    path = write_checkpoint(tmp_path / 'other.pth', aus=[1, 2])
    with pytest.raises(ValueError, match=r'decides AUs \[1, 2\]'):
        load_recognizer(path)


@pytest.mark.parametrize('content, message', [
    (b'', 'damaged, or not a checkpoint'), (b'\x80nonsense', 'damaged, or not a')])
def test_damaged_file_is_said_to_be_damaged(tmp_path, content, message):
    path = tmp_path / 'damaged.pth'
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_recognizer(str(path))


def test_plain_torch_weights_are_refused(tmp_path):
    torch.save({'weight': torch.zeros(2)}, tmp_path / 'other.pth')
    with pytest.raises(ValueError, match='does not say which AUs it decides'):
        load_recognizer(str(tmp_path / 'other.pth'))


def test_missing_file_names_the_models_there_are():
    with pytest.raises(FileNotFoundError, match='there are: .*aullm_flow'):
        load_recognizer('no_such.pth')


def test_device_that_is_not_there_is_an_error_of_one_line(tmp_path):
    path = write_checkpoint(tmp_path / 'best.pth')
    with pytest.raises(ValueError, match="device 'cuda:99' cannot be used here"):
        load_recognizer(path, device='cuda:99')
