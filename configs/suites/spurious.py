# A cue that goes with AU12 in training and against it in the test.
#   python tools/analysis/ablate.py spurious --jobs 2
title = 'A spurious cue'
asks = ('In training something moves up behind the head ("background"), or a lamp '
        'swells from above ("light"), where AU12 is shown, and down or from below '
        'where it is not, in nine clips of ten; in the test it is the other way round. '
        'Which model falls for it (see AU12)? All but `full` are without an LLM.')
seeds = 3
reference = 'control_background'

# ---------------------------------------------------------------- what you edit
corpora = [
    dict(layout='casme2', subjects=48, clips=512, frames=8, spurious=f'{kind}:12:0.9',
         out=f'data/spurious_{kind}_90')
    for kind in ('background', 'light')]

# ---------------------------------------------------------------- models
models = dict(
    control='configs/aullm_casme2.py',
    no_ccr='configs/ablations/no_ccr_casme2.py',
    no_superposition='configs/ablations/no_superposition_casme2.py',
    no_au_places='configs/ablations/no_au_places_casme2.py',
    no_au_places_no_ccr='configs/ablations/no_au_places_casme2.py',
    sss_net='configs/baselines/sss_net_casme2.py',
    sss_net_aligned='configs/baselines/sss_net_aligned_casme2.py')
no_llm = {
    'model.cls_head.llm': None,
    'optim_wrapper.paramwise_cfg': None}
# Places and consistency know the same anatomy: is one of them enough?
more = dict(no_au_places_no_ccr={'model.cls_head.loss_ccr': None})
rows = [
    dict(name=f'{name}_{kind}', config=config, group=kind,
         reference=f'control_{kind}', data_root=f'data/spurious_{kind}_90',
         cfg_options={} if name.startswith('sss_net') else {
             **no_llm, **more.get(name, {})},
         protocol=f'file:data/spurious_{kind}_90/spurious_split.json')
    for kind in ('background', 'light') for name, config in models.items()]
rows.append(dict(
    name='full_background', config='configs/aullm_casme2.py', group='background',
    data_root='data/spurious_background_90',
    protocol='file:data/spurious_background_90/spurious_split.json'))
del models, no_llm, more
