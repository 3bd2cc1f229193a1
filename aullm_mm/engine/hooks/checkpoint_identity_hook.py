# Copyright (c) AULLM-MM contributors.
"""Checkpoints that say for which AUs and which LLM they were trained."""
from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from aullm_mm.registry import HOOKS

KEY = 'aullm_mm'


def check_identity(saved: dict | None, model: dict, where: str) -> None:
    """Raise if a checkpoint does not belong to a model.

    Args:
        saved: Identity in the checkpoint, or None where it has none.
        model: Identity of the model.
        where: The checkpoint's name, for the message.

    Raises:
        ValueError: If the AU list or the LLM differs.

    Examples:
        >>> check_identity({'aus': [1, 2]}, {'aus': [1, 2]}, 'best.pth')
    """
    if saved is None:
        return
    advice = 'Use the config that the checkpoint was trained with, or train anew.'
    if list(saved['aus']) != list(model['aus']):
        raise ValueError(
            f'{where} decides AUs {list(saved["aus"])}, but the config asks for '
            f'{list(model["aus"])}. {advice}')
    if saved.get('llm') != model.get('llm'):
        raise ValueError(
            f'{where} was trained with the LLM {_llm(saved)}, but the config names '
            f'{_llm(model)}. {advice}')


def _llm(identity: dict) -> str:
    llm = identity.get('llm')
    return 'none' if llm is None else f'{llm["name"]} ({llm["sha256"][:12]})'


@HOOKS.register_module()
class CheckpointIdentityHook(Hook):
    """Write AU list, LLM name and hash into checkpoints, and check them when loading.

    The LLM itself is never in a checkpoint, so one loaded onto another LLM, or onto an
    AU list of the same length, would give wrong answers without a word. It acts on
    heads that have an ``identity()``, and also reports trained weights that a
    checkpoint lacks, which MMEngine only warns of.
    """

    priority = 'VERY_HIGH'

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Add the identity."""
        checkpoint['meta'][KEY] = _head(runner).identity()

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Check identity and completeness."""
        where = getattr(runner, '_load_from', None) or 'The checkpoint'
        saved = checkpoint.get('meta', {}).get(KEY)
        check_identity(saved, _head(runner).identity(), str(where))
        if saved is not None:
            self._check_complete(runner, checkpoint['state_dict'], str(where))

    @staticmethod
    def _check_complete(runner: Runner, state_dict: dict, where: str) -> None:
        wanted = _model(runner).state_dict()
        missing = sorted(set(wanted) - set(state_dict))
        wrong = [
            k for k, v in wanted.items()
            if k in state_dict and state_dict[k].shape != v.shape
        ]
        if missing or wrong:
            raise ValueError(
                f'{where} does not fit the model of this config: {len(missing)} '
                f'trained weights are missing and {len(wrong)} have another shape, '
                f'the first of them {(missing + wrong)[0]}.')


def _model(runner: Runner):
    model = runner.model
    return model.module if is_model_wrapper(model) else model


def _head(runner: Runner):
    return _model(runner).cls_head
