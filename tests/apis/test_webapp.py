# Copyright (c) AULLM-MM contributors.
"""The page that takes videos, over HTTP: reports, refusals, and nothing left behind."""
import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from webapp_client import Client, served

from aullm_mm.apis.webapp import WebSettings, serving
from aullm_mm.apis.webapp.analysis import Analyst
from aullm_mm.apis.webapp.desk import PIECE_BYTES
from aullm_mm.apis.webapp.faults import Refused
from aullm_mm.apis.webapp.guard import check_host
from aullm_mm.apis.webapp.jobs import Report
from aullm_mm.apis.webapp.private import PREFIX, PrivateFolder, remove_left_behind
from aullm_mm.video import VideoWriter

ROOT = Path(__file__).parents[2]
MP4_HEAD = b'\x00\x00\x00\x18ftypmp42' + bytes(16)


@pytest.fixture(scope='module')
def client(web_analyst, tmp_path_factory):
    with served(web_analyst, tmp_path_factory.mktemp('served')) as client:
        yield client


@pytest.fixture
def clip(web_clips):
    return web_clips['clip'].read_bytes()


def quick(job):
    """In place of the model, where only the way of the video counts."""
    return Report(dict(html=b'<p>report', json=b'{}', csv=b'a'), 0)


def test_video_becomes_a_report_and_is_gone(client, clip):
    job = client.send('me at home.mp4', clip)
    assert job['state'] in ('waiting', 'working') and job['received'] == len(clip)
    job = client.wait(job['id'], 'done', 'failed')
    assert job['state'] == 'done' and job['movements'] == 1
    assert client.videos() == []
    status, headers, page = client.ask('GET', f'/results/{job["id"]}/report.html')
    assert status == 200 and b'me at home.mp4' in page
    assert 'sandbox allow-scripts' in headers['Content-Security-Policy']
    assert headers['X-Frame-Options'] == 'SAMEORIGIN'
    assert 'Content-Disposition' not in headers
    _, headers, _ = client.ask('GET', f'/results/{job["id"]}/report.html?save')
    assert headers['Content-Disposition'] == 'attachment; filename="me at home.html"'
    result = json.loads(client.ask('GET', f'/results/{job["id"]}/report.json')[2])
    assert result['source']['frames'] == 50 and result['source']['path'] is None
    assert result['movements'][0]['trace']['text']
    assert str(client.folder) not in json.dumps(result) + page.decode()
    csv = client.ask('GET', f'/results/{job["id"]}/report.csv')[2]
    assert csv.startswith(b'source,movement,face')


def test_two_videos_in_a_row_with_other_options(client, clip):
    jobs = [client.send('a.mp4', clip, explain=False, fps=200),
            client.send('b.mp4', clip, explain=False, all_faces=True)]
    found = []
    for job in jobs:
        assert client.wait(job['id'], 'done', 'failed')['state'] == 'done'
        found.append(json.loads(
            client.ask('GET', f'/results/{job["id"]}/report.json')[2]))
    assert [r['source']['fps'] for r in found] == [200, pytest.approx(100, abs=0.1)]
    assert [r['settings']['max_faces'] for r in found] == [1, None]
    assert [r['movements'][0]['trace'] for r in found] == [None, None]
    assert client.videos() == []


@pytest.mark.parametrize('content', [
    b'no video at all', b'#EXTM3U\n#EXTINF:1,\n/etc/hostname\n#EXT-X-ENDLIST\n',
    b"ffconcat version 1.0\nfile '/etc/hostname'\n",
    cv2.imencode('.png', np.zeros((9, 9, 3), np.uint8))[1].tobytes()],
    ids=['text', 'playlist', 'concat', 'picture'])
def test_what_is_not_a_video_is_refused_by_its_content(client, content):
    job = client.send('clip.mp4', content)
    assert job['state'] == 'failed' and job['error']['kind'] == 'input'
    assert job['error']['text'].startswith('clip.mp4 is not a video: its content')
    assert client.videos() == []


def test_name_of_the_file_is_not_trusted_either_way(client, clip):
    job = client.send('holiday.txt', clip, explain=False)
    assert client.wait(job['id'], 'done', 'failed')['state'] == 'done'


def test_damaged_video_is_one_line_without_paths(client):
    job = client.send('broken.mp4', MP4_HEAD + bytes(5000))
    job = client.wait(job['id'], 'failed')
    assert job['error']['kind'] == 'input'
    assert job['error']['text'].startswith('broken.mp4 is not a video that OpenCV')
    assert '\n' not in job['error']['text'] and client.videos() == []


def test_video_without_a_face_says_so(client, tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (6, 96, 128, 3), np.uint8)
    with VideoWriter(tmp_path / 'wall.mp4', 25, (96, 128)) as video:
        for picture in noise:
            video.write(picture)
    job = client.send('wall.mp4', (tmp_path / 'wall.mp4').read_bytes())
    job = client.wait(job['id'], 'failed')
    assert job['error']['kind'] == 'input'
    assert 'wall.mp4: no face that can be used was found' in job['error']['text']
    assert client.videos() == []


def test_too_long_a_video_is_an_error_of_the_input(web_inferencer, clip, tmp_path):
    with served(Analyst(web_inferencer, max_minutes=0.005), tmp_path) as client:
        job = client.wait(client.send('a.mp4', clip)['id'], 'failed')
        assert 'a.mp4 is longer than 0.005 minutes: cut it' in job['error']['text']
        assert client.videos() == []


def test_too_large_is_413_before_and_while_it_is_sent(tmp_path):
    with served(quick, tmp_path, max_mb=10) as client:
        status, answer = client.announce('film.mp4', 10_000_001)
        assert status == 413 and client.videos() == []
        assert 'film.mp4 has 10.0 MB, at most 10 MB' in answer['error']['text']
        _, job = client.announce('liar.mp4', 100)
        status, answer = client.change(
            'PUT', f'/api/videos/{job["id"]}/bytes?from=0', MP4_HEAD + bytes(100))
        assert status == 413 and 'larger than was announced' in answer['error']['text']
        assert client.videos() == []
        _, job = client.announce('a.mp4', 9_000_000)
        status, _, _ = client.ask(
            'PUT', f'/api/videos/{job["id"]}/bytes?from=0', bytes(PIECE_BYTES + 1),
            {'Origin': f'http://{client.place}', 'X-AULLM-Token': client.token})
        assert status == 413 and client.videos()[0].stat().st_size == 0
        status, answer = client.announce('none.mp4', 0)
        assert status == 400 and 'is empty' in answer['error']['text']


def test_pieces_come_in_order_and_only_their_owner_can_write(tmp_path):
    content = MP4_HEAD + os.urandom(PIECE_BYTES + 1000)
    got = []

    def keep(job):
        got.append(job.path.read_bytes())
        return quick(job)

    with served(keep, tmp_path) as client:
        _, job = client.announce('a.mp4', len(content))
        assert [path.stat().st_mode & 0o777 for path in client.videos()] == [0o600]
        assert client.folder.stat().st_mode & 0o777 == 0o700
        for path, status in (('from=7', 409), ('', 409), ('from=0', 200),
                             ('from=0', 409)):
            answer = client.change(
                'PUT', f'/api/videos/{job["id"]}/bytes?{path}', content[:1000])
            assert answer[0] == status, path
        client.desk.drop(job['id'])
        client.wait(client.send('b.mp4', content)['id'], 'done')
    assert got == [content]


@pytest.mark.parametrize('host, status', [
    ('evil.example', 403), ('evil.example:80', 403), ('', 403), ('127.0.0.1.evil', 403),
    ('localhost:{port}', 200), ('127.0.0.1:{port}', 200), ('localhost:9', 200)])
def test_only_its_own_host_is_served(client, host, status):
    host = host.format(port=client.place.split(':')[1])
    answer = client.ask('GET', '/', headers={'Host': host})
    assert answer[0] == status
    assert (client.token.encode() in answer[2]) == (status == 200)


def test_on_all_addresses_numbers_are_served_and_foreign_names_not(capsys):
    everywhere = WebSettings(host='0.0.0.0')
    check_host('192.168.0.7:8000', everywhere)
    for host, settings in (('evil.example', everywhere), ('10.0.0.1', WebSettings())):
        with pytest.raises(Refused):
            check_host(host, settings)
    serving.announce('http://0.0.0.0:8000/', everywhere)
    assert 'no login' in capsys.readouterr().err


@pytest.mark.parametrize('headers', [
    dict(X_AULLM_Token=None), dict(X_AULLM_Token='guess'), dict(X_AULLM_Token='ü'),
    dict(Origin=None), dict(Origin='null'), dict(Origin='http://evil.example')])
def test_other_pages_can_change_nothing(client, headers):
    body = json.dumps(dict(name='a.mp4', size=9))
    status, answer = client.change(
        'POST', '/api/videos', body, Content_Type='application/json', **headers)
    assert status == 403 and answer['error']['kind'] == 'page'
    assert client.videos() == []


def test_answers_are_kept_by_nobody_and_framed_by_nobody(client):
    for path in ('/', '/app.js', '/app.css', '/api/videos/none', '/nothing',
                 '/results/none/report.html'):
        status, headers, _ = client.ask('GET', path)
        assert headers['Cache-Control'] == 'no-store', path
        assert headers['X-Content-Type-Options'] == 'nosniff'
        assert headers['Referrer-Policy'] == 'no-referrer'
        assert headers['X-Frame-Options'] == 'DENY'
        assert "frame-ancestors 'none'" in headers['Content-Security-Policy']
        assert (status == 200) == (path in ('/', '/app.js', '/app.css'))
        assert 'Server' not in headers


@pytest.mark.parametrize('values, text', [
    ([], 'name, size and options'), (dict(size='9'), 'length in bytes'),
    (dict(size=9, options=dict(fps='fast')), 'the frame rate must be from 1'),
    (dict(size=9, options=dict(depth=3)), 'options must be an object'),
    (dict(size=9, options=dict(llm=1)), 'llm must be true or false')])
def test_bad_requests_say_what_is_wrong(client, values, text):
    status, answer = client.change(
        'POST', '/api/videos', json.dumps(values), Content_Type='application/json')
    assert status == 400 and text in answer['error']['text']


def test_more_than_may_wait_is_busy_until_one_goes(tmp_path):
    with served(quick, tmp_path, max_waiting=1) as client:
        jobs = [client.announce(f'{i}.mp4', 99)[1] for i in range(2)]
        status, answer = client.announce('third.mp4', 99)
        assert status == 503 and answer['error']['kind'] == 'busy'
        assert client.change('DELETE', f'/api/videos/{jobs[0]["id"]}')[0] == 204
        assert client.announce('third.mp4', 99)[0] == 201
        assert len(client.videos()) == 2


def test_cancel_while_sending_waiting_and_working(client, clip, web_clips):
    _, sending = client.announce('s.mp4', 99)
    working = client.send('w.mp4', web_clips['long'].read_bytes())
    waiting = client.send('v.mp4', clip)
    client.wait(working['id'], 'working', also=lambda job: job['done'] > 3)
    assert client.look(waiting['id'])['state'] == 'waiting'
    assert client.look(waiting['id'])['ahead'] == 1
    assert len(client.videos()) == 3
    for job in (sending, waiting, working):
        assert client.change('DELETE', f'/api/videos/{job["id"]}')[0] == 204
        client.wait(job['id'], 'cancelled', seconds=20)
    assert client.videos() == []
    # The worker goes on with the next one.
    job = client.send('next.mp4', clip, explain=False)
    assert client.wait(job['id'], 'done', 'failed')['state'] == 'done'


def test_closed_tab_gives_its_video_up(web_analyst, web_clips, tmp_path):
    with served(web_analyst, tmp_path, idle_seconds=1.5) as client:
        jobs = [client.announce('half.mp4', 99)[1],
                client.send('long.mp4', web_clips['long'].read_bytes())]
        assert len(client.videos()) == 2
        end = time.monotonic() + 20
        while client.videos() and time.monotonic() < end:
            time.sleep(0.1)
        assert client.videos() == []
        assert {client.look(job['id'])['state'] for job in jobs} <= {
            'cancelled', 'gone'}


def test_results_are_kept_for_a_time_and_a_number(tmp_path):
    with served(quick, tmp_path, keep_minutes=1.5 / 60, keep_results=2) as client:
        jobs = []
        for i in range(3):
            jobs.append(client.send(f'{i}.mp4', MP4_HEAD)['id'])
            client.wait(jobs[-1], 'done')
        client.desk.sweep()
        states = [client.look(job)['state'] for job in jobs]
        assert states == ['gone', 'done', 'done']
        assert client.change('DELETE', f'/api/videos/{jobs[1]}')[0] == 204
        assert client.look(jobs[1])['state'] == 'gone'
        client.wait(jobs[2], 'gone', seconds=10)


@pytest.mark.parametrize('fault, kind', [
    (RuntimeError('secret inside'), 'internal'), (KeyError('secret'), 'internal'),
    (np.linalg.LinAlgError('secret'), 'internal'),
    (OSError(errno.ENOSPC, 'No space left on device', '/secret'), 'computer'),
    (FileNotFoundError(errno.ENOENT, 'No such file', '/secret'), 'computer')])
def test_fault_of_the_program_is_not_one_of_the_video(fault, kind, tmp_path, caplog):
    def fail(job):
        raise fault

    with served(fail, tmp_path) as client:
        job = client.wait(client.send('a.mp4', MP4_HEAD)['id'], 'failed')
        assert job['error']['kind'] == kind
        assert 'says nothing about the video' in job['error']['text']
        assert 'secret' not in job['error']['text']
        assert client.videos() == []
    assert 'A video could not be finished' in caplog.text
    assert 'Traceback' in caplog.text


def test_hostile_names_are_names_only(client, tmp_path, clip):
    name = '../../<img src=x onerror=alert(1)>\r\nX-Evil: 1.mp4'
    job = client.send(name, clip, explain=False)
    job = client.wait(job['id'], 'done', 'failed')
    assert job['name'] == '<img src=x onerror=alert(1)>X-Evil: 1.mp4'
    page = client.ask('GET', f'/results/{job["id"]}/report.html')[2]
    assert b'<img src=x' not in page
    headers = client.ask('GET', f'/results/{job["id"]}/report.json')[1]
    assert 'X-Evil' not in headers
    assert len(list(client.folder.parent.iterdir())) == 1


def test_language_model_is_switched_on_the_same_weights(web_clips, tmp_path):
    from aullm_mm.apis.inferencer import AUInferencer
    with served(Analyst(AUInferencer(device='cpu')), tmp_path) as client:
        clip, results = web_clips['clip'].read_bytes(), []
        for llm in (True, False, True):
            job = client.send('a.mp4', clip, llm=llm, explain=False)
            assert client.wait(job['id'], 'done', 'failed')['state'] == 'done'
            results.append(json.loads(
                client.ask('GET', f'/results/{job["id"]}/report.json')[2]))
    names = [result['model']['llm'] for result in results]
    assert names[0] == names[2] is not None and names[1] is None
    scores = [[unit['score'] for unit in result['movements'][0]['aus']]
              for result in results]
    assert scores[0] == pytest.approx(scores[2], abs=1e-4)
    assert scores[0] != scores[1]


def test_end_of_the_process_removes_the_videos(tmp_path):
    process = subprocess.Popen(
        [sys.executable, str(ROOT / 'tools/webapp.py'), '--port', '0', '--no-llm'],
        env={**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1',
             'TMPDIR': str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().split()[1]
        folder, = tmp_path.glob(f'{PREFIX}*')
        client = Client(address, folder)
        assert client.announce('a.mp4', 99)[0] == 201 and len(client.videos()) == 1
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert not folder.exists() and 'Traceback' not in errors


def test_folder_of_a_killed_process_is_removed_by_the_next(tmp_path):
    left = tmp_path / f'{PREFIX}left'
    left.mkdir(mode=0o700)
    (left / 'video').write_bytes(b'face')
    with PrivateFolder(tmp_path) as used:
        assert left.exists()  # too new: it may be about to be used
        for path in (left, used):
            os.utime(path, (1, 1))
        assert remove_left_behind(tmp_path) == [left]
        assert used.exists()
    assert list(tmp_path.iterdir()) == []


def test_missing_package_and_taken_port_are_one_line(monkeypatch):
    with serving.listening(WebSettings(port=0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(OSError, match=f'127.0.0.1 port {port} cannot be listened'):
            serving.run_webapp(lambda: None, WebSettings(port=port))
    monkeypatch.setattr(serving, 'find_spec', lambda name: None)
    with pytest.raises(ImportError, match='pip install flask waitress'):
        serving.run_webapp(lambda: None)
