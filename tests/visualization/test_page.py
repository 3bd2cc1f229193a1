# Copyright (c) AULLM-MM contributors.
"""The page of a video as text: what it holds, and that no text of a user is code."""
import json
import re
from html.parser import HTMLParser

import pytest
from page_samples import HOSTILE, sample_media, sample_result

from aullm_mm.visualization.page import render_page, write_page
from aullm_mm.visualization.page.embed import data_uri, seconds_text
from aullm_mm.visualization.page.timeline import Axis, energy_path, missing_spans
from aullm_mm.visualization.page.trace_view import trace_view


class Elements(HTMLParser):
    """Elements of a page, with their attributes, and the text of each script."""

    def __init__(self, page):
        super().__init__()
        self.found, self.scripts, self.text = [], [], ''
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag == 'script':
            self.scripts.append('')

    def handle_data(self, data):
        if self.cdata_elem == 'script':
            self.scripts[-1] += data
        elif self.cdata_elem is None:
            self.text += data


def test_page_shows_source_scores_and_notices():
    text = Elements(render_page(sample_result(), sample_media())).text
    for part in ('interview 03.mp4', '812', '25', '640 × 480', 'generated clips only',
                 'not a detector for decisions about people', 'frames 430 to 451',
                 'lip corner puller', '0.95', 'SmolLM2-135M-Instruct', '12.44 s'):
        assert part in text, part


def test_nothing_but_data_is_referred_to():
    elements = Elements(render_page(sample_result(), sample_media())).found
    links = [a[k] for _, a in elements for k in ('src', 'href', 'srcset', 'data-onset')
             if k in a]
    assert len(links) > 50
    assert {link[:5] for link in links} <= {'data:', '#main', '#face'}
    policy = [a['content'] for _, a in elements if a.get('http-equiv')]
    assert len(policy) == 1 and policy[0].startswith("default-src 'none'")
    style = render_page(sample_result())
    assert 'url(' not in style and '@import' not in style


def test_texts_of_users_stay_text():
    result = sample_result(HOSTILE)
    result['warnings'] = [HOSTILE]
    result['settings'] = {HOSTILE: HOSTILE}
    result['model'].update(name=HOSTILE, versions={HOSTILE: HOSTILE})
    result['source']['truncated'] = HOSTILE
    trace = result['movements'][0]['trace']
    trace['text'] = trace['aus'][0]['regions'][0]['region'] = HOSTILE
    trace['rules'][0]['type'] = trace['counterfactuals'][1]['of'] = HOSTILE
    trace['emotions']['closest'][0]['emotion'] = HOSTILE
    trace['rules'][0]['measured'] = trace['heat']['regions'][0] = HOSTILE
    page = render_page(result, sample_media())
    elements, plain = Elements(page), Elements(render_page(sample_result()))
    assert len(elements.scripts) == len(plain.scripts) == 4
    assert all('onerror' not in attributes for _, attributes in elements.found)
    assert elements.text.count(HOSTILE) >= 13
    assert json.loads(elements.scripts[1])['source']['name'] == HOSTILE


def test_trace_is_shown_part_by_part():
    trace = sample_result()['movements'][0]['trace']
    tables = {t['key']: t['rows'] for t in trace_view(trace)['tables']}
    assert list(tables) == ['regions', 'rules', 'counterfactuals', 'emotions', 'heat']
    assert tables['regions'][0]['cells'] == [
        'AU1', 'left brow', '0.910', '0.420 ⚑', '0.490', 'whole model']
    assert tables['rules'][0]['cells'] == [
        'AU1, AU2', 'synergy', '+0.610', 'AU2 0.830 → 0.360 ⚑', 'yes: AU2',
        'whole model']
    assert tables['counterfactuals'][2]['cells'][:3] == [
        'rewired rules (0)', 'stay', 'otherwise']
    assert tables['heat'][0]['cells'][:2] == ['left brow', '+1.900']
    assert [e['decisive'] for e in trace_view(trace)['edges']] == [True, False, False]


def test_words_of_the_llm_are_marked_and_the_plain_text_kept():
    result = sample_result()
    trace = result['movements'][0]['trace']
    trace.update(text='Brows went up.', text_by='llm', plain_text='AU1 has 0.91.')
    text = Elements(render_page(result)).text
    for part in ('Brows went up.', 'Worded by the LLM', 'AU1 has 0.91.'):
        assert part in text
    trace.update(text_by='template', rephrased=dict(why_not='other numbers'))
    text = Elements(render_page(result)).text
    assert 'not taken: other numbers' in text and 'Worded by' not in text


@pytest.mark.parametrize('part', [
    'text', 'aus', 'rules', 'counterfactuals', 'emotions', 'heat', 'text_by'])
def test_a_part_of_the_trace_may_be_missing(part):
    result = sample_result()
    result['movements'][0]['trace'].pop(part)
    assert 'Why the model says so' in render_page(result)


def test_path_of_the_source_is_not_handed_on():
    assert '/secret/' not in render_page(sample_result(), sample_media())


def test_json_in_the_page_is_the_result():
    result = sample_result()
    held = json.loads(Elements(render_page(result)).scripts[1])
    result['source'].pop('path')
    assert held == json.loads(json.dumps(result))


def test_missing_numbers_do_not_stop_a_page():
    result = sample_result()
    result['series']['energy'][3] = float('nan')
    for movement in result['movements']:
        movement['score'] = None
    assert 'NaN' not in render_page(result).replace('isNaN', '')


@pytest.mark.parametrize('key', ['source', 'model', 'movements'])
def test_a_result_without_a_part_is_named(key):
    result = sample_result()
    del result[key]
    with pytest.raises(ValueError, match=f'this one has no {key}'):
        render_page(result)


def test_media_that_are_no_pictures_are_named():
    with pytest.raises(ValueError, match="12 bytes that begin with b'<svg"):
        render_page(sample_result(), dict(frames=[(0, 0.0, b'<svg onload=')]))
    assert data_uri(b'\0\0\0\x18ftypmp42').startswith('data:video/mp4')


def test_ids_of_media_may_be_texts_as_in_json():
    media = sample_media()
    texts = dict(media, faces={str(k): v for k, v in media['faces'].items()},
                 heat={'0': {str(k): v for k, v in media['heat'][0].items()}})
    assert render_page(sample_result(), texts) == render_page(sample_result(), media)


def test_a_pair_without_times_is_laid_out_by_frames():
    result = sample_result('onset and apex')
    result['source'].update(kind='pair', frames=2, fps=None, seconds=None)
    move = dict(result['movements'][0], kind='given', score=None)
    for name, frame in (('onset', 0), ('apex', 1), ('offset', 1)):
        move[name] = dict(frame=frame, seconds=None)
    result.update(movements=[move], blinks=[], series={}, faces=[])
    axis = Axis(result)
    assert (axis.unit, axis.length) == ('frames', 1.0)
    assert axis.bar(move) == dict(left=0.0, width=100.0)
    assert 'given movement' in render_page(result)


def test_a_video_without_a_movement_says_so_and_claims_nothing():
    result = dict(sample_result(), movements=[])
    text = Elements(render_page(result)).text
    assert 'No movement found' in text and 'no proof that there was none' in text


def test_page_is_written_whole_beside_nothing_else(tmp_path):
    path = write_page(sample_result(), None, tmp_path / 'new' / 'page.html')
    assert [p.name for p in path.parent.iterdir()] == ['page.html']
    assert path.read_text(encoding='utf-8') == render_page(sample_result())


def test_places_on_the_axis():
    axis = Axis(dict(source=dict(frames=101, seconds=10.0), movements=[]))
    assert axis.place(dict(frame=1, seconds=2.5)) == 25.0
    assert axis.frame(50) == 50.0 and axis.at(11) == 100.0
    labels = [tick['label'] for tick in axis.ticks()]
    assert labels == ['0 s', '2 s', '4 s', '6 s', '8 s', '10 s']
    long = Axis(dict(source=dict(frames=2, seconds=7200.0), movements=[]))
    assert [t['label'] for t in long.ticks()][:3] == ['0:00', '20:00', '40:00']
    assert long.ticks()[-1]['label'] == '2:00:00'
    assert seconds_text(61.5) == '1:01.50'


def test_energy_is_cut_where_it_is_missing():
    axis = Axis(dict(source=dict(frames=5, seconds=4.0), movements=[]))
    path = energy_path(axis, range(5), [1, 2, None, 4, float('nan')])
    assert path.count('Z') == 2
    heights = [float(y) for y in re.findall(r',([\d.]+)', path)]
    assert min(heights) == 0.0 and max(heights) == 100.0


def test_frames_without_the_only_face_are_shaded():
    axis = Axis(dict(source=dict(frames=101, seconds=4.0), movements=[]))
    face = dict(track=0, first=10, last=100, missing=[[50, 74]])
    assert missing_spans(axis, [face]) == [
        dict(left=50.0, width=25.0), dict(left=0.0, width=10.0)]
    assert missing_spans(axis, [face, face]) == []
