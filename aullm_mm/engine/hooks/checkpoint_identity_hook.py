# Copyright (c) AULLM-MM contributors.
"""Checkpoints that say for which answers, which LLM and on whom they were trained."""
from __future__ import annotations

from typing import Collection

from mmengine.hooks import Hook
from mmengine.runner import Runner

from aullm_mm.registry import HOOKS
from aullm_mm.zoo import SCHEME, ZOO_KEY, adapt_weights, edges_of
from aullm_mm.zoo.load import IDENTITY_KEY as KEY

from ..unwrap import unwrap


def check_identity(saved: dict | None, model: dict, where: str) -> None:
    """Raise if a checkpoint does not belong to a model.

    Args:
        saved: Identity in the checkpoint, or None where it has none.
        model: Identity of the model.
        where: The checkpoint's name, for the message.

    Raises:
        ValueError: If the AU list, the emotion classes or the LLM differs.

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
    if _emotions(saved) != _emotions(model):
        raise ValueError(
            f'{where} decides emotions {_emotions(saved)}, but the config asks for '
            f'{_emotions(model)}. {advice}')
    if saved.get('llm') != model.get('llm'):
        raise ValueError(
            f'{where} was trained with the LLM {_llm(saved)}, but the config names '
            f'{_llm(model)}. {advice}')


def check_unseen(seen: Collection[str], tested: Collection[str], where: str) -> None:
    """Raise if a checkpoint is tested on subjects that it was trained or chosen on.

    Args:
        seen: Subjects of training and validation.
        tested: Subjects of the test.
        where: The checkpoint's name, for the message.

    Raises:
        ValueError: If a subject is in both.

    Examples:
        >>> check_unseen(['casme2/sub01'], ['casme2/sub02'], 'best.pth')
    """
    both = sorted(set(seen) & set(tested))
    if both:
        raise ValueError(
            f'{where} was trained or chosen on {len(both)} of the test subjects: '
            f'{", ".join(both)}. Test with the split (n_folds, fold, seed) that it was '
            f'trained with, or train anew.')


def _emotions(identity: dict) -> list[str]:
    """Emotion classes; a head without an emotion branch does not name any."""
    return list(identity.get('emotions') or ())


def _llm(identity: dict) -> str:
    llm = identity.get('llm')
    return 'none' if llm is None else f'{llm["name"]} ({llm["sha256"][:12]})'


@HOOKS.register_module()
class CheckpointIdentityHook(Hook):
    """Write AUs, emotions, LLM and subjects into checkpoints; check them when loading.

    The LLM itself is never in a checkpoint, so one loaded onto another LLM, or onto an
    AU list of the same length, would give wrong answers without a word; one tested on
    another fold would be tested on subjects that it knows. The hook acts on heads that
    have an ``identity()`` and on datasets that have ``subjects``. It also reports
    trained weights that a checkpoint lacks, which MMEngine only warns of.

    Weights of the zoo (``load_from='aullm-mm://NAME'``) are not refused but adapted,
    see :func:`~aullm_mm.zoo.adapt.adapt_weights`; once adapted, they must be trained
    before they are tested.
    """

    priority = 'VERY_HIGH'

    def __init__(self) -> None:
        self.subjects: frozenset[str] = frozenset()
        self.where = 'The checkpoint'
        self.untrained = False  # adapted weights that have not been trained since

    def before_train(self, runner: Runner) -> None:
        """Note who is trained and validated on, beside whom a resumed run knows."""
        self.untrained = False
        loops = [runner.train_loop, runner.val_loop]
        found = [_subjects(loop.dataloader) for loop in loops if loop is not None]
        self.subjects = self.subjects.union(*found)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Add identity and subjects."""
        identity = _identity(runner)
        if identity is not None:
            identity['subjects'] = sorted(self.subjects)
            checkpoint['meta'][KEY] = identity

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Check identity and completeness."""
        self.where = str(getattr(runner, '_load_from', None) or 'The checkpoint')
        self.untrained = False
        meta = checkpoint.get('meta', {})
        saved, wanted = meta.get(KEY), _identity(runner)
        if ZOO_KEY in meta:
            self.where = f'{SCHEME}{meta[ZOO_KEY]["name"]}'
            self._check_not_resumed(runner)
        if saved is None or wanted is None:
            return
        if ZOO_KEY in meta:
            self._adapt(runner, checkpoint, wanted)
        else:
            check_identity(saved, wanted, self.where)
        self._check_complete(runner, checkpoint['state_dict'], self.where)
        self.subjects = frozenset(saved.get('subjects', ()))

    def _check_not_resumed(self, runner: Runner) -> None:
        if runner.cfg.get('resume'):
            raise ValueError(
                f'{self.where} cannot be resumed, since it has no state of a training '
                f'run: set resume=False to start from it, or load_from=None to '
                f'continue the last checkpoint of the work dir.')

    def _adapt(self, runner: Runner, checkpoint: dict, wanted: dict) -> None:
        """Fit weights of the zoo to the model, and say what they lack."""
        model, meta = unwrap(runner.model), checkpoint['meta']
        adapted = adapt_weights(
            checkpoint['state_dict'], meta[KEY], wanted, model.state_dict(),
            meta[ZOO_KEY]['edges'], edges_of(getattr(model.cls_head, 'graph', None)))
        checkpoint['state_dict'], self.untrained = adapted.state_dict, adapted.changed
        for note in adapted.notes:
            runner.logger.info(f'{self.where}: {note}')
        if adapted.missing:
            runner.logger.warning(
                f'{self.where} does not know AUs {list(adapted.missing)}: they keep '
                f'their initial values and are learned from your clips alone.')

    def before_val(self, runner: Runner) -> None:
        """Check that adapted weights have been trained."""
        if self.untrained:
            raise ValueError(
                f'{self.where} was adapted to another AU list, graph or LLM, and gives '
                f'no answers before it is trained: train with it as load_from, then '
                f'test the checkpoint of that run.')

    def before_test(self, runner: Runner) -> None:
        """Check that the test subjects are new to the checkpoint."""
        self.before_val(runner)
        check_unseen(self.subjects, _subjects(runner.test_dataloader), self.where)

    @staticmethod
    def _check_complete(runner: Runner, state_dict: dict, where: str) -> None:
        wanted = unwrap(runner.model).state_dict()
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


def _subjects(dataloader) -> tuple[str, ...]:
    return tuple(getattr(dataloader.dataset, 'subjects', ()))


def _identity(runner: Runner) -> dict | None:
    head = getattr(unwrap(runner.model), 'cls_head', None)
    return dict(head.identity()) if hasattr(head, 'identity') else None
