# Copyright (c) AULLM-MM contributors.
"""A result as the inferencer gives it, and pictures for it: what a page is made of."""
import cv2
import numpy as np

HOSTILE = '<img src=x onerror=window.hacked=1>"\'</script><script>window.hacked=1'
AUS = [1, 2, 4, 7, 12, 14, 15, 17]
NAMES = ['inner brow raiser', 'outer brow raiser', 'brow lowerer', 'lid tightener',
         'lip corner puller', 'dimpler', 'lip corner depressor', 'chin raiser']
FPS = 25.0


def moment(frame):
    return dict(frame=frame, seconds=round(frame / FPS, 4))


def movement(number, frames, scores, kind='micro', track=0, trace=None):
    aus = [dict(au=au, name=name, score=score, threshold=0.5, present=score >= 0.5,
                side='left' if au == 12 and score >= 0.5 else None)
           for au, name, score in zip(AUS, NAMES, scores)]
    moments = dict(zip(('onset', 'apex', 'offset'), map(moment, frames)))
    return dict(id=number, track=track, kind=kind, score=3.1 + number, **moments,
                aus=aus, trace=trace)


def sample_result(name='interview 03.mp4'):
    """A video of 32 s with four movements, one of them of a second face."""
    movements = [
        movement(0, (112, 117, 123), [.91, .83, .04, .12, .07, .02, .01, .03],
                 trace=sample_trace()),
        movement(1, (311, 315, 321), [.02, .01, .88, .66, .03, .02, .05, .21]),
        movement(2, (500, 518, 540), [.03, .05, .01, .31, .95, .42, .02, .01], 'macro'),
        movement(3, (640, 645, 650), [.1, .2, .02, .1, .62, .55, .1, .05], track=1)]
    seconds = np.arange(0, 812, 2) / FPS
    bumps = sum(np.exp(-.5 * ((seconds - t) / w) ** 2)
                for t, w in ((4.7, .2), (12.6, .2), (20.7, .6), (25.8, .2)))
    energy = 0.15 + 0.04 * np.sin(5 * seconds) ** 2 + bumps
    blinks = [dict(track=0, onset=moment(f), apex=moment(f + 3), offset=moment(f + 6))
              for f in (60, 210, 402, 580, 700)]
    return dict(
        schema=1,
        source=dict(name=name, kind='file', path=f'/secret/place/{name}', frames=812,
                    fps=FPS, width=640, height=480, seconds=32.4, truncated=None),
        model=dict(
            name='aullm_flow', checkpoint=None, aus=AUS,
            thresholds={str(au): 0.5 for au in AUS}, llm='SmolLM2-135M-Instruct',
            semi_synthetic=True, versions={'aullm-mm': '0.1.0', 'torch': '2.13.0'}),
        settings=dict(faces='all', min_seconds=0.04, max_seconds=0.5, batch_size=16),
        faces=[dict(track=0, frames=790, first=0, last=811, missing=[[430, 451]]),
               dict(track=1, frames=300, first=512, last=811, missing=[])],
        movements=movements, blinks=blinks,
        series=dict(step=2, track=0, seconds=seconds.round(3).tolist(),
                    energy=energy.round(4).tolist()),
        warnings=['No face in frames 430 to 451 of face 0.'],
        timing=dict(decode=1.2, faces=3.4, spotting=.8, model=.9, trace=2.0, total=8.3))


def changed(au, before, score, flips=False):
    return dict(au=au, before=before, score=score, logit_change=-1.5, flips=flips)


def sample_trace():
    """A trace as :func:`aullm_mm.explain.trace_clips` gives it."""
    removed = changed(2, .83, .36, True)
    brow = dict(region='brow', side='left', before=.91, score=.42, drop=.49,
                logit_change=-2.6, flips=True, measured='full')
    eye = dict(brow, region='eye', score=.88, drop=.03, flips=False, measured='nodes')
    units = [dict(au=au, name=name, score=.9 if au < 3 else .1, threshold=.5,
                  present=au < 3, regions=[brow, eye] if au == 1 else [])
             for au, name in zip(AUS, NAMES)]
    rules = [
        dict(aus=[1, 2], type='synergy', strength=.61, directions=[.6, .62],
             removed=removed, flips=[2], decisive=True, measured='full'),
        dict(aus=[1, 4], type='contradicted', strength=-.22, directions=[-.2, -.24],
             removed=changed(1, .91, .88), flips=[], decisive=False, measured='nodes'),
        dict(aus=[12, 15], type='antagonism', strength=-.4, directions=[-.4, -.4],
             removed=changed(1, .91, .91), flips=[], decisive=False, measured='nodes')]
    trials = [
        dict(what='evidence', of=1, expected='fall', held=True, flips=[1],
             changes=[changed(1, .91, .08, True)], measured='full'),
        dict(what='still context', of=None, expected='same', held=True, flips=[],
             changes=[changed(1, .91, .9), changed(2, .83, .8)], measured='nodes'),
        dict(what='rewired rules', of=0, expected='same', held=False, flips=[2],
             changes=[changed(2, .83, .44, True)], measured='nodes')]
    closest = [dict(emotion='surprise', prototype=[1, 2, 5, 26], similarity=.5)]
    drops = {str(au): [round(1.9 / (1 + i + abs(au - 1)), 2) for i in range(3)]
             for au in AUS}
    text = ('The model finds AU1 (inner brow raiser), score 0.91 and AU2 (outer brow '
            'raiser), score 0.83; the threshold is 0.5. AU1 rests most on the left '
            'brow: with the movement there taken out its score goes from 0.91 to 0.42, '
            'and the AU is no longer found. The rule of AU1 and AU2 (synergy, strength '
            '0.61) is decisive: without it AU2 goes from 0.83 to 0.36.')
    return dict(
        schema=1, clip='clip', decided_by='nodes + llm', aus=units, rules=rules,
        heat=dict(regions=['left brow', 'right brow', 'nose'], logit_drop=drops),
        counterfactuals=trials, emotions=dict(closest=closest, branch=None),
        settings=dict(input='flow', confirm=3, seed=0), text=text, text_by='template')


def face(shift=0, size=160):
    """A drawn face whose brows are lifted by some pixels."""
    picture = np.full((size, size, 3), (96, 84, 78), np.uint8)
    cv2.ellipse(picture, (80, 84), (52, 68), 0, 0, 360, (150, 172, 205), -1,
                cv2.LINE_AA)
    for x in (58, 102):
        cv2.ellipse(picture, (x, 70), (11, 6), 0, 0, 360, (250, 250, 250), -1,
                    cv2.LINE_AA)
        cv2.circle(picture, (x, 70), 5, (50, 60, 70), -1, cv2.LINE_AA)
        cv2.ellipse(picture, (x, 56 - shift), (15, 5), 0, 180, 360, (50, 60, 80), 3,
                    cv2.LINE_AA)
    cv2.ellipse(picture, (80, 122), (20, 8), 0, 0, 180, (90, 90, 170), 3, cv2.LINE_AA)
    return picture


def jpeg(picture):
    return cv2.imencode('.jpg', picture)[1].tobytes()


def heat(size=160):
    """A transparent picture with one warm spot."""
    y, x = np.mgrid[:size, :size]
    alpha = np.exp(-((x - 60) ** 2 + (y - 55) ** 2) / 500)
    picture = np.zeros((size, size, 4), np.uint8)
    picture[..., 2], picture[..., 1] = 255, (90 * alpha).astype(np.uint8)
    picture[..., 3] = (230 * alpha).astype(np.uint8)
    return cv2.imencode('.png', picture)[1].tobytes()


def sample_media():
    """A film strip and the pictures of three of the movements."""
    lifted = {112: 1, 126: 4, 308: -3, 322: -2}
    frames = [(i, round(i / FPS, 4), jpeg(face(lifted.get(i, 0))))
              for i in range(0, 812, 14)]
    shifts = {0: 5, 1: -3, 2: 2}
    faces = {i: dict(onset=jpeg(face()), apex=jpeg(face(s))) for i, s in shifts.items()}
    return dict(frames=frames, faces=faces, heat={0: {1: heat(), 2: heat()}})
