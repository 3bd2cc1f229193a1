# Copyright (c) AULLM-MM contributors.
"""The page served for a test, and a client that asks as its script does."""
import html
import http.client
import json
import re
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

from aullm_mm.apis.webapp import WebSettings
from aullm_mm.apis.webapp.desk import PIECE_BYTES, Desk
from aullm_mm.apis.webapp.private import PrivateFolder
from aullm_mm.apis.webapp.serving import listening, make_server

MODEL = dict(name='aullm_flow', llm=None, semi_synthetic=True)


@contextmanager
def served(analyse, parent, **settings):
    """Serve the page; gives a client whose ``folder`` holds the videos."""
    settings = WebSettings(port=0, **settings)
    with listening(settings) as listener, PrivateFolder(parent) as folder:
        desk = Desk(analyse, folder, settings)
        server, address = make_server(desk, MODEL, listener)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            yield Client(address, folder, desk)
        finally:
            desk.close()
            server.trigger.pull_trigger(lambda: stop(server))  # in its loop's thread
            thread.join(10)


def stop(server):
    """Close a server and the connections that browsers keep open."""
    for channel in list(server.active_channels.values()):
        channel.handle_close()
    server.close()


class Client:
    """Asks as the page does, or otherwise."""

    def __init__(self, address, folder=None, desk=None):
        self.address, self.folder, self.desk = address, folder, desk
        self.place = urlsplit(address).netloc
        page = self.ask('GET', '/')[2].decode()
        self.token = html.unescape(re.search(r'data-token="([^"]+)"', page)[1])

    def ask(self, method, path, body=None, headers=None):
        """Status, headers and body of an answer."""
        connection = http.client.HTTPConnection(self.place, timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def change(self, method, path, body=None, **headers):
        """As the page changes something; status and plain data."""
        own = {'Origin': f'http://{self.place}', 'X-AULLM-Token': self.token}
        own.update((k.replace('_', '-'), v) for k, v in headers.items())
        own = {key: value for key, value in own.items() if value is not None}
        status, _, content = self.ask(method, path, body, own)
        return status, json.loads(content) if content else None

    def announce(self, name, size, **options):
        values = json.dumps(dict(name=name, size=size, options=options))
        return self.change('POST', '/api/videos', values,
                           Content_Type='application/json')

    def send(self, name, content, **options):
        """Upload a video in pieces; the last answer."""
        status, job = self.announce(name, len(content), **options)
        assert status == 201, job
        while job['state'] == 'receiving':
            start = job['received']
            status, job = self.change(
                'PUT', f'/api/videos/{job["id"]}/bytes?from={start}',
                content[start:start + PIECE_BYTES])
            assert status == 200, job
        return job

    def look(self, job_id):
        status, _, content = self.ask('GET', f'/api/videos/{job_id}')
        return json.loads(content) if status == 200 else dict(state='gone')

    def wait(self, job_id, *states, seconds=90, also=lambda job: True):
        """Ask until a job is in one of some states."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            job = self.look(job_id)
            if job['state'] in states and also(job):
                return job
            time.sleep(0.05)
        raise AssertionError(f'no {states} in {seconds} s: {job}')

    def videos(self):
        """Files of videos that are on the disk."""
        return [path for path in self.folder.iterdir() if path.name != 'in_use']
