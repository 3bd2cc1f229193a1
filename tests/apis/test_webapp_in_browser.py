# Copyright (c) AULLM-MM contributors.
"""The page that takes videos in a real browser: from the drop to the report."""
import base64
import json
import time
from urllib.parse import urlsplit

import pytest
from browser import complaints, requests, resize, start_browser
from webapp_client import served

DROP = '''
const [name, content] = arguments;
const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
const data = new DataTransfer();
data.items.add(new File([bytes], name, {type: 'video/mp4'}));
const send = (type) => document.querySelector('#drop .call').dispatchEvent(
  new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}));
send('dragenter');
const marked = document.body.classList.contains('over');
const taken = !send('dragover');
send('drop');
return [marked, taken, document.body.classList.contains('over')];'''


@pytest.fixture(scope='module')
def driver():
    driver = start_browser()
    yield driver
    driver.quit()


@pytest.fixture(scope='module')
def client(web_analyst, tmp_path_factory):
    with served(web_analyst, tmp_path_factory.mktemp('served'), max_mb=2) as client:
        yield client


@pytest.fixture
def page(driver, client):
    """The page, loaded anew; it may complain of nothing and ask nobody else."""
    resize(driver, 1280, 900)
    driver.get('about:blank')
    complaints(driver), requests(driver)
    driver.get(client.address)
    yield driver
    assert complaints(driver) == []
    asked = [urlsplit(url) for url in requests(driver)]
    assert {(url.scheme, url.netloc) for url in asked if url.scheme != 'data'} <= {
        ('http', client.place), ('about', '')}


def css(driver, selector):
    return driver.find_element('css selector', selector)


def wait(driver, condition, seconds=60):
    """What a condition gives, as soon as it is true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, css(driver, 'body').text
        time.sleep(0.02)
    return found


def shown(driver, view):
    return wait(driver, css(driver, f'#{view}').is_displayed)


def choose(driver, path):
    css(driver, '#file').send_keys(str(path))


def in_report(driver, look):
    """What is found inside of the report's frame."""
    driver.switch_to.frame(css(driver, '#report'))
    try:
        return look()
    finally:
        driver.switch_to.default_content()


def headline(driver):
    return in_report(driver, lambda: wait(driver, lambda: [
        e.text for e in driver.find_elements('css selector', 'h1')]))


def test_chosen_video_shows_progress_and_then_its_report(page, client, web_clips):
    choose(page, web_clips['long'])
    shown(page, 'work')
    assert css(page, '#work-name').text == 'long.mp4'
    seen = wait(page, lambda: (
        'Watching frame' in css(page, '#stage').text
        and ' of 500' in css(page, '#stage').text and css(page, '#stage').text))
    assert int(seen.split()[2]) > 0
    early = int(css(page, '#gauge').get_attribute('aria-valuenow'))
    assert '%' in page.title and len(client.videos()) == 1
    wait(page, lambda: css(page, '#done').is_displayed() or int(
        css(page, '#gauge').get_attribute('aria-valuenow') or 0) > early)
    shown(page, 'done')
    assert client.videos() == [] and page.title == 'long.mp4 · action units'
    assert headline(page) == ['long.mp4']
    assert in_report(page, lambda: page.execute_script('return scrollY')) == 0
    assert not css(page, '#start').is_displayed()


def test_report_works_in_its_frame_and_cannot_reach_the_page(page, web_clips):
    choose(page, web_clips['clip'])
    shown(page, 'done')
    headline(page)

    def look():
        css(page, '#theme').click()
        return page.execute_script('''
            let reached = true;
            try { parent.document.title; } catch { reached = false; }
            return [origin, reached, document.documentElement.dataset.theme]''')
    assert in_report(page, look) == ['null', False, 'dark']


def test_dropped_video_is_taken(page, client, web_clips):
    content = base64.b64encode(web_clips['clip'].read_bytes()).decode()
    css(page, '#explain').click()
    marked, taken, still = page.execute_script(DROP, 'me <b>.mp4', content)
    assert marked and taken and not still
    shown(page, 'done')
    assert css(page, '#done-name').text == 'me <b>.mp4'
    address = css(page, '#save-json').get_attribute('href')
    _, headers, content = client.ask('GET', urlsplit(address).path)
    assert headers['Content-Disposition'].startswith('attachment')
    result = json.loads(content)
    assert result['settings']['trace'] is False and result['source']['frames'] == 50


def test_saved_page_opens_by_itself(page, web_clips, tmp_path):
    choose(page, web_clips['clip'])
    shown(page, 'done')
    page.execute_cdp_cmd('Browser.setDownloadBehavior', dict(
        behavior='allow', downloadPath=str(tmp_path)))
    css(page, '#save-html').click()
    wait(page, lambda: list(tmp_path.glob('*.html')), 10)
    assert [path.name for path in tmp_path.iterdir()] == ['clip.html']
    assert b'clip.mp4' in (tmp_path / 'clip.html').read_bytes()


def test_bad_file_is_told_and_the_next_one_works(page, client, web_clips, tmp_path):
    bad = tmp_path / 'notes.mp4'
    bad.write_text('no video at all')
    choose(page, bad)
    wait(page, css(page, '#error').is_displayed)
    assert css(page, '#error').text.startswith(
        'This video cannot be used\nnotes.mp4 is not a video')
    assert css(page, '#start').is_displayed() and client.videos() == []
    choose(page, web_clips['clip'])
    shown(page, 'done')
    css(page, '#again').click()
    shown(page, 'start')
    assert not css(page, '#error').is_displayed()


def test_too_large_a_file_is_not_even_sent(page, client, tmp_path):
    large = tmp_path / 'large.mp4'
    large.write_bytes(bytes(2_000_001))
    choose(page, large)
    wait(page, css(page, '#error').is_displayed)
    assert 'large.mp4 has 2.0 MB, at most 2 MB' in css(page, '#error').text
    assert not [url for url in requests(page) if '/api/' in url]


def test_cancel_goes_back_and_the_video_is_gone(page, client, web_clips):
    choose(page, web_clips['long'])
    wait(page, lambda: 'Watching frame' in css(page, '#stage').text)
    css(page, '#cancel').click()
    shown(page, 'start')
    wait(page, lambda: client.videos() == [], 10)
    assert not css(page, '#error').is_displayed() and '#' not in page.current_url


def test_reload_goes_on_and_shows_the_report_again(page, web_clips):
    choose(page, web_clips['long'])
    wait(page, lambda: 'Watching frame' in css(page, '#stage').text)
    page.refresh()
    shown(page, 'work')
    assert wait(page, lambda: css(page, '#work-name').text) == 'long.mp4'
    shown(page, 'done')
    page.refresh()
    shown(page, 'done')
    assert headline(page) == ['long.mp4']
    css(page, '#forget').click()
    shown(page, 'start')


def test_report_that_is_gone_is_said_to_be(driver, client):
    driver.get(f'{client.address}#{"x" * 32}')
    driver.refresh()
    wait(driver, css(driver, '#error').is_displayed)
    assert 'Not there any more' in css(driver, '#error').text
    assert all('404' in message for message in complaints(driver))


def test_program_that_was_stopped_is_said_to_be_silent(
        driver, web_analyst, web_clips, tmp_path):
    with served(web_analyst, tmp_path) as client:
        driver.get(client.address)
    choose(driver, web_clips['clip'])
    wait(driver, css(driver, '#error').is_displayed, 20)
    assert 'The program does not answer' in css(driver, '#error').text
    complaints(driver)


def test_everything_is_done_by_keys(page, web_clips):
    from selenium.webdriver import ActionChains, Keys
    reached = []
    for _ in range(8):
        ActionChains(page).send_keys(Keys.TAB).perform()
        reached.append(page.switch_to.active_element.get_attribute('id'))
    order = [name for name in reached if name in ('file', 'explain', 'faces', 'fps')]
    assert order[:4] == ['file', 'explain', 'faces', 'fps']
    css(page, '#explain').send_keys(Keys.SPACE)
    assert not css(page, '#explain').is_selected()
    css(page, '#fps').send_keys('0', Keys.ENTER)
    choose(page, web_clips['clip'])
    assert css(page, '#start').is_displayed()  # the rate is none: nothing is sent


@pytest.mark.parametrize('width', [320, 390, 761, 1280])
@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_nothing_is_wider_than_the_window(page, width, scheme):
    page.execute_cdp_cmd('Emulation.setEmulatedMedia', dict(
        features=[dict(name='prefers-color-scheme', value=scheme)]))
    resize(page, width, 844)
    for view in ('start', 'work', 'done'):
        wide, ground = page.execute_script('''
            for (const view of document.querySelectorAll('.view'))
              view.hidden = view.id !== arguments[0];
            return [document.documentElement.scrollWidth,
                    getComputedStyle(document.body).backgroundColor];''', view)
        assert wide <= width, view
        assert (ground == 'rgb(15, 20, 26)') == (scheme == 'dark')
