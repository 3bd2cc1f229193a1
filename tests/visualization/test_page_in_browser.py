# Copyright (c) AULLM-MM contributors.
"""The page of a video in a real browser: it renders, works, and asks for nothing."""
import json
import time

import cv2
import numpy as np
import pytest
from browser import complaints, open_page, requests, resize, start_browser
from page_samples import HOSTILE, sample_media, sample_result

from aullm_mm.video import VideoWriter
from aullm_mm.visualization.page import write_page

CONTRAST = '''
const light = (c) => { const [r, g, b] = c.map((v) => v / 255).map(
  (v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b; };
const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1});
const ink = canvas.getContext('2d', {willReadFrequently: true});
const paint = (colours) => { ink.clearRect(0, 0, 1, 1); for (const c of colours) {
  ink.fillStyle = c; ink.fillRect(0, 0, 1, 1); }
  return [...ink.getImageData(0, 0, 1, 1).data].slice(0, 3); };
return [...document.querySelectorAll(arguments[0])].filter(
  (e) => e.checkVisibility() && e.textContent.trim()).map((e) => {
  const under = []; for (let p = e; p; p = p.parentElement)
    under.unshift(getComputedStyle(p).backgroundColor);
  const [a, b] = [paint(under), paint([...under, getComputedStyle(e).color])].map(
    light).sort((x, y) => y - x);
  return [(a + .05) / (b + .05), e.textContent.trim().slice(0, 30)]; });'''


@pytest.fixture(scope='module')
def driver():
    driver = start_browser()
    yield driver
    driver.quit()


@pytest.fixture(scope='module')
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp('page')
    return write_page(sample_result(), sample_media(), folder / 'page.html')


@pytest.fixture
def page(driver, sample):
    resize(driver, 1280, 900)
    open_page(driver, sample)
    yield driver
    assert complaints(driver) == []


def css(driver, selector):
    return driver.find_element('css selector', selector)


def panels(driver):
    """Numbers of the movements that are shown below the timeline."""
    found = driver.find_elements('css selector', '[data-panel]')
    return [int(p.get_attribute('data-panel')) for p in found if p.is_displayed()]


def press(driver, *keys):
    from selenium.webdriver.common.keys import Keys
    css(driver, '#track').send_keys(*(getattr(Keys, key) for key in keys))


def now(driver):
    return float(css(driver, '#track').get_attribute('aria-valuenow'))


def point_at(driver, share):
    """Move the mouse to a place on the timeline, as a share of its length."""
    from selenium.webdriver import ActionChains
    track = css(driver, '#track')
    driver.execute_script('arguments[0].scrollIntoView({block: "center"})', track)
    offset = round((share - 0.5) * track.size['width'])
    ActionChains(driver).move_to_element_with_offset(track, offset, 40).perform()


def test_page_renders_and_nothing_leaves(page, sample):
    assert page.title == 'interview 03.mp4 · action units'
    assert panels(page) == [0]
    asked = requests(page)
    assert asked.count(sample.as_uri()) == 1
    assert {url.split(':')[0] for url in asked if url != sample.as_uri()} <= {'data'}
    entries = page.execute_script(
        'return performance.getEntriesByType("resource").map((e) => e.name)')
    assert [url for url in entries if not url.startswith('data:')] == []


@pytest.mark.parametrize('width', [320, 600, 761, 1000, 1121, 1600])
def test_nothing_is_wider_than_the_window(page, width):
    resize(page, width, 900)
    for number in range(4):
        page.execute_script(
            f'document.querySelector(".list [data-move=\\"{number}\\"]").click()')
        wide = page.execute_script('return document.documentElement.scrollWidth')
        assert wide <= width
    columns = page.find_elements('css selector', '.shown .verdict')
    assert all(c.rect['x'] + c.rect['width'] <= width for c in columns)


def test_policy_of_the_page_stops_a_request(driver, sample):
    open_page(driver, sample)
    failed = driver.execute_async_script(
        'fetch("http://127.0.0.1:9/").then(() => arguments[0](false), '
        '() => arguments[0](true))')
    assert failed and any('Content Security Policy' in c for c in complaints(driver))


@pytest.mark.parametrize('width, height', [(1280, 900), (390, 844)])
@pytest.mark.parametrize('dark', [False, True])
def test_picture_of_the_page_is_no_blank_and_fits(page, width, height, dark):
    if dark:
        css(page, '#theme').click()
    resize(page, width, height)
    inner = page.execute_script('return document.documentElement.scrollWidth')
    assert inner <= width
    shot = np.frombuffer(page.get_screenshot_as_png(), np.uint8)
    picture = cv2.imdecode(shot, cv2.IMREAD_COLOR)
    assert picture.shape[:2] == (height, width)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 500
    assert (picture.mean() < 90) == dark


@pytest.mark.parametrize('dark', [False, True])
def test_text_stands_out_from_its_ground(page, dark):
    if dark:
        css(page, '#theme').click()
    found = page.execute_script(
        CONTRAST, 'p, li, b, h1, h2, h3, summary, td, th, .note, .number, .verdict, '
        '.names span, .quiet:not(:disabled), .move, text')
    low = [row for row in found if row[0] < 4.5]
    assert len(found) > 60 and low == []


def test_mouse_moves_the_cursor_the_frame_and_the_scores(page):
    point_at(page, 0.02)
    early = css(page, '#frame').get_attribute('alt')
    assert css(page, '[data-value="4"]').text == '–'
    point_at(page, 12.75 / 32.4)
    assert abs(now(page) - 12.75) < 0.08
    assert 'movement 2' in css(page, '#readout').text
    assert css(page, '[data-value="4"]').text == '0.88'
    assert css(page, '#frame').get_attribute('alt') != early
    near = page.find_elements('css selector', '#strip .near')
    assert [b.get_attribute('aria-label') for b in near] == ['Frame 322, 12.88 s']


def test_keys_move_by_frames_seconds_and_movements(page):
    press(page, 'HOME')
    press(page, 'ARROW_RIGHT')
    press(page, 'ARROW_RIGHT')
    assert now(page) == pytest.approx(2 / 25, abs=2e-3)
    press(page, 'SHIFT', 'ARROW_RIGHT')
    assert now(page) == pytest.approx(1 + 2 / 25, abs=2e-3)
    press(page, 'ARROW_LEFT')
    assert 'frame 26' in css(page, '#track').get_attribute('aria-valuetext')
    press(page, 'ARROW_DOWN')
    assert panels(page) == [1]
    assert now(page) == pytest.approx(315 / 25, abs=2e-3)
    press(page, 'ARROW_UP')
    press(page, 'ARROW_UP')
    assert panels(page) == [0]
    press(page, 'END')
    assert now(page) == pytest.approx(32.4)


def test_film_strip_keeps_the_nearest_frame_in_view(page):
    for key in ('END', 'HOME'):
        press(page, key)
        strip, near = css(page, '#strip').rect, css(page, '#strip .near').rect
        assert strip['x'] <= near['x'] <= strip['x'] + strip['width'] - near['width']
    press(page, 'END')
    assert page.execute_script('return document.querySelector("#strip").scrollLeft') > 0


def test_without_scripts_every_movement_is_there_to_read(driver, sample):
    driver.execute_cdp_cmd('Emulation.setScriptExecutionDisabled', dict(value=True))
    try:
        open_page(driver, sample)
        assert panels(driver) == [0, 1, 2, 3]
        assert 'score 0.91' in css(driver, '.told').text
    finally:
        driver.execute_cdp_cmd(
            'Emulation.setScriptExecutionDisabled', dict(value=False))


def test_everything_is_reached_by_tab(page):
    from selenium.webdriver.common.keys import Keys
    reached = set()
    body = css(page, 'body')
    for _ in range(60):
        body.send_keys(Keys.TAB)
        body = page.switch_to.active_element
        for name in ('id', 'data-move', 'data-au'):
            reached.add((name, body.get_attribute(name)))
    assert {('id', 'track'), ('id', 'zoom-in'), ('id', 'save'), ('id', 'theme'),
            ('data-move', '3'), ('data-au', '17')} <= reached


def test_a_click_in_list_or_timeline_chooses_a_movement(page):
    css(page, '.list [data-move="2"]').click()
    assert panels(page) == [2]
    assert 'macro-expression' in css(page, '[data-panel="2"] h2').text
    css(page, '.bar[data-move="1"][data-au="7"]').click()
    assert panels(page) == [1]
    assert css(page, '[data-panel="1"] .au[aria-pressed="true"] b').text == 'AU7'
    css(page, '.move[data-move="0"]').click()
    assert panels(page) == [0]


def test_an_action_unit_shows_its_heat_and_its_rules(page):
    def shown():
        heats = page.find_elements('css selector', '[data-panel="0"] [data-heat]')
        return [h.get_attribute('data-heat') for h in heats if h.is_displayed()]

    assert shown() == ['1']
    css(page, '[data-panel="0"] .au[data-au="2"]').click()
    assert shown() == ['2']
    assert css(page, '[data-panel="0"] .chosen text').text == '2'
    assert len(page.find_elements('css selector', '[data-panel="0"] .faint')) == 2
    css(page, '[data-panel="0"] .au[data-au="12"]').click()
    assert shown() == []


def test_flicker_shows_onset_and_apex_in_turn_and_stops(page):
    still = '[data-panel="0"] .still'
    button = css(page, '[data-panel="0"] [data-flicker]')
    button.click()
    seen = set()
    for _ in range(12):
        seen.add(css(page, still).get_attribute('src'))
        time.sleep(0.1)
    assert len(seen) == 2
    button.click()
    image = css(page, still)
    assert image.get_attribute('src') == image.get_attribute('data-apex')


def test_zoom_widens_the_track_and_keeps_the_cursor_in_view(page):
    width = css(page, '#track').size['width']
    press(page, 'END')
    for _ in range(3):
        css(page, '#zoom-in').click()
    assert css(page, '#track').size['width'] == pytest.approx(8 * width, abs=8)
    view, cursor = css(page, '#window').rect, css(page, '#cursor').rect
    assert view['x'] - 2 <= cursor['x'] <= view['x'] + view['width'] + 2
    css(page, '#zoom-fit').click()
    assert css(page, '#track').size['width'] == width


def test_one_face_at_a_time(page):
    from selenium.webdriver.support.ui import Select
    Select(css(page, '#face-filter')).select_by_visible_text('1')
    assert panels(page) == [3]
    listed = page.find_elements('css selector', '.list [data-move]')
    assert [b.get_attribute('data-move') for b in listed if b.is_displayed()] == ['3']


def test_saved_json_is_the_result(page, tmp_path):
    page.execute_cdp_cmd('Browser.setDownloadBehavior', dict(
        behavior='allow', downloadPath=str(tmp_path)))
    css(page, '#save').click()
    end = time.time() + 10
    while not (files := list(tmp_path.glob('*.json'))) and time.time() < end:
        time.sleep(0.1)
    assert [f.name for f in files] == ['interview_03.mp4.json']
    result = sample_result()
    result['source'].pop('path')
    assert json.loads(files[0].read_text()) == json.loads(json.dumps(result))


def test_hostile_texts_do_nothing(driver, tmp_path):
    result = sample_result(HOSTILE)
    result['warnings'], result['settings'] = [HOSTILE], {HOSTILE: HOSTILE}
    result['movements'][0]['trace']['text'] = HOSTILE
    result['movements'][0]['aus'][0]['name'] = HOSTILE
    open_page(driver, write_page(result, sample_media(), tmp_path / 'page.html'))
    assert driver.execute_script('return window.hacked') is None
    assert css(driver, 'h1').text == HOSTILE
    assert css(driver, '.told').text == HOSTILE
    assert panels(driver) == [0] and complaints(driver) == []


@pytest.mark.parametrize('kind', ['no movement', 'pair', 'no pictures', 'bare'])
def test_pages_of_other_results_have_no_error(driver, tmp_path, kind):
    result, media = sample_result(), sample_media()
    if kind == 'no movement':
        result['movements'] = []
    if kind == 'pair':
        result['source'].update(kind='pair', frames=2, fps=None, seconds=None)
        move = dict(result['movements'][0], kind='given', score=None)
        move.update((n, dict(frame=f, seconds=None)) for n, f in
                    (('onset', 0), ('apex', 1), ('offset', 1)))
        result.update(movements=[move], blinks=[], series={})
        pictures = [picture for *_, picture in media['frames'][:2]]
        media['frames'] = [(i, None, picture) for i, picture in enumerate(pictures)]
    if kind in ('no pictures', 'bare'):
        media = None
    if kind == 'bare':
        result = dict(source=result['source'], model=result['model'],
                      movements=result['movements'][1:2])
    open_page(driver, write_page(result, media, tmp_path / 'page.html'))
    press(driver, 'ARROW_RIGHT')
    assert complaints(driver) == []
    assert css(driver, '#readout').text.count('frame') == 1
    assert len(panels(driver)) == (kind != 'no movement')


def test_a_video_follows_the_cursor(driver, tmp_path):
    clip = tmp_path / 'clip.webm'
    with VideoWriter(clip, 25.0, (64, 64)) as video:
        for i in range(100):
            video.write(np.full((64, 64, 3), 2 * i, np.uint8))
    result = sample_result()
    result['source'].update(frames=100, seconds=4.0)
    result.update(movements=[], blinks=[], series={})
    media = dict(video=clip.read_bytes())
    open_page(driver, write_page(result, media, tmp_path / 'page.html'))
    press(driver, 'SHIFT', 'ARROW_RIGHT')
    assert driver.execute_script(
        'return document.querySelector("#video").currentTime') == pytest.approx(1.0)
    assert complaints(driver) == []
