# Each AU as likely as among the training labels, whatever the clip shows.
_base_ = ['all_positive_casme2.py']

model = dict(cls_head=dict(rule='prior-rate'))
