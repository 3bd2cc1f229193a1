# Copyright (c) AULLM-MM contributors.
import pytest
import torch
from mmengine.model import BaseModel
from mmengine.optim import OptimWrapper, build_optim_wrapper
from torch import nn

from aullm_mm.engine.optim import CPUAmpOptimWrapper, TrainedParamsConstructor
from aullm_mm.engine.optim.trained_params_constructor import group_parameters


class Model(BaseModel):
    """Two trained layers around a frozen one."""

    def __init__(self):
        super().__init__()
        self.first, self.frozen = nn.Linear(4, 8), nn.Linear(8, 8)
        self.last = nn.Linear(8, 1)
        self.frozen.requires_grad_(False)

    def forward(self, inputs, data_samples=None, mode='loss'):
        self.seen = self.last(self.frozen(self.first(inputs)))
        return dict(loss=self.seen.pow(2).mean())


def construct(model, **paramwise):
    return TrainedParamsConstructor(
        dict(optimizer=dict(type='AdamW', lr=0.1, weight_decay=0.01)), paramwise)(model)


def test_optimizer_holds_the_trained_parameters_and_no_other():
    model = Model()
    wrapper = construct(model)
    held = {id(p) for g in wrapper.optimizer.param_groups for p in g['params']}
    assert held == {id(p) for p in model.parameters() if p.requires_grad}
    assert type(wrapper) is OptimWrapper
    assert isinstance(wrapper.optimizer, torch.optim.AdamW)


def test_biases_are_not_decayed():
    groups = construct(Model()).optimizer.param_groups
    assert {g['weight_decay'] for g in groups} == {0.01, 0.0}
    for group in groups:
        assert all((p.dim() > 1) == (group['weight_decay'] > 0)
                   for p in group['params'])


def test_longest_matching_name_sets_the_rate():
    model = Model()
    groups = group_parameters(model, 1.0, {'last': 2.0, 'last.bias': 5.0})
    rates = {id(p): g['lr'] for g in groups for p in g['params']}
    assert rates[id(model.first.weight)] == 1.0
    assert rates[id(model.last.weight)] == 2.0
    assert rates[id(model.last.bias)] == 5.0


@pytest.mark.parametrize('name', ['lsat', 'frozen'])
def test_rate_of_a_parameter_that_is_not_trained_is_refused(name):
    with pytest.raises(ValueError, match=rf"lr_mult names \['{name}'\]"):
        construct(Model(), lr_mult={name: 2.0})


def test_optimizer_without_a_rate_is_refused():
    with pytest.raises(ValueError, match='has no lr'):
        TrainedParamsConstructor(dict(optimizer=dict(type='AdamW')))(Model())


def test_model_with_nothing_to_train_is_refused():
    with pytest.raises(ValueError, match='no trainable parameter'):
        construct(Model().requires_grad_(False))


def test_config_finds_constructor_and_wrapper_and_is_not_changed():
    config = dict(type='CPUAmpOptimWrapper', constructor='TrainedParamsConstructor',
                  optimizer=dict(type='SGD', lr=0.1), paramwise_cfg=dict(
                      lr_mult={'last': 2.0}))
    for _ in range(2):  # a second run builds from the same config
        wrapper = build_optim_wrapper(Model(), config)
        assert isinstance(wrapper, CPUAmpOptimWrapper)
        assert sorted({g['lr'] for g in wrapper.optimizer.param_groups}) == [0.1, 0.2]


def test_forward_runs_in_bfloat16_and_the_step_trains_float32_weights():
    torch.manual_seed(0)
    model = Model()
    wrapper = CPUAmpOptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1))
    before = model.last.weight.clone()
    inputs = torch.rand(16, 4)
    losses = [model.train_step(dict(inputs=inputs), wrapper)['loss'].item()
              for _ in range(5)]
    assert model.seen.dtype == torch.bfloat16
    assert model.last.weight.dtype == torch.float32
    assert not torch.equal(before, model.last.weight)
    assert losses[-1] < losses[0]
    model(inputs)
    assert model.seen.dtype == torch.float32  # outside of the wrapper



def test_gradients_accumulate_over_steps():
    model = Model()
    wrapper = CPUAmpOptimWrapper(
        torch.optim.SGD(model.parameters(), lr=0.1), accumulative_counts=2)
    wrapper.initialize_count_status(model, 0, 2)
    before = model.last.weight.clone()
    model.train_step(dict(inputs=torch.rand(4, 4)), wrapper)
    assert torch.equal(before, model.last.weight)
    model.train_step(dict(inputs=torch.rand(4, 4)), wrapper)
    assert not torch.equal(before, model.last.weight)
