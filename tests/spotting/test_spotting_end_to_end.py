# Copyright (c) AULLM-MM contributors.
"""A short generated video: real decoder, detector, mesh, meter, spotting."""
import json

from aullm_mm.datasets.synthetic.long_timeline import LongVideoParameters
from aullm_mm.datasets.synthetic.long_video import write_long_video
from aullm_mm.spotting import interval_iou, spot
from aullm_mm.spotting.measure import measure_face
from aullm_mm.video import open_video


def test_movements_of_a_generated_video_are_spotted(tmp_path):
    path = write_long_video(tmp_path / 'video', LongVideoParameters(
        seed=3, seconds=12.0, fps=25.0, amplitude=2.0, nuisance=0.5, micro_rate=15.0,
        macro_rate=5.0))
    truth = json.loads((tmp_path / 'video' / 'truth.json').read_text())
    series = measure_face(open_video(path))
    assert len(series) == 300 and series.found.all()
    found = [interval for interval in spot(series) if interval.kind != 'blink']
    assert [m['kind'] for m in truth['movements']].count('micro') == 3
    for event in truth['movements']:
        span = event['onset']['seconds'], event['offset']['seconds']
        best = max(found, key=lambda i: interval_iou(
            (series.seconds[i.onset], series.seconds[i.offset]), span))
        assert interval_iou((series.seconds[best.onset], series.seconds[best.offset]),
                            span) >= 0.5, event
        assert best.kind == event['kind']
    assert len(found) <= len(truth['movements']) + 1
