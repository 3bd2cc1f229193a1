# Without clips laid over one another in training.
_base_ = ['../aullm_casme2.py']

model = dict(data_preprocessor=dict(blending=None))
