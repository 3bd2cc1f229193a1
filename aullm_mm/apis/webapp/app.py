# Copyright (c) AULLM-MM contributors.
"""What the page asks for: itself, videos in, progress and results out (Flask)."""
from __future__ import annotations

import secrets
from importlib import resources
from pathlib import PurePath
from typing import Any, Mapping

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from aullm_mm.visualization.page.embed import asset

from .containers import KINDS
from .desk import PIECE_BYTES, Desk
from .faults import LOGGER, Refused, internal_fault
from .guard import answer_headers, check_host, check_same_page
from .jobs import Job, JobOptions

MIME = {'html': 'text/html; charset=utf-8', 'json': 'application/json; charset=utf-8',
        'csv': 'text/csv; charset=utf-8'}
_REPORT = 'show_result'
_CHANGING = ('POST', 'PUT', 'DELETE', 'PATCH')


def create_app(desk: Desk, model: Mapping[str, Any]) -> Flask:
    """The application around a desk.

    Args:
        desk: Takes the videos.
        model: What a result says of the model.
    """
    app = Flask(__name__, static_folder=None)
    app.jinja_env.autoescape = True  # Flask's own rule goes by the file name's ending
    app.config['MAX_CONTENT_LENGTH'] = PIECE_BYTES
    token = secrets.token_urlsafe(32)

    @app.before_request
    def guard() -> None:
        check_host(request.headers.get('Host'), desk.settings)
        if request.method in _CHANGING:
            check_same_page(request.headers, token)

    @app.after_request
    def harden(answer: Response) -> Response:
        report = request.endpoint == _REPORT and answer.mimetype == 'text/html'
        answer.headers.update(answer_headers(report))
        return answer

    _add_faults(app)
    _add_page(app, desk, model, token)
    _add_videos(app, desk)
    return app


def _add_faults(app: Flask) -> None:
    """Every error is one line in JSON."""
    @app.errorhandler(Refused)
    def refused(fault: Refused) -> tuple[Response, int]:
        return jsonify(error=fault.plain()), fault.status

    @app.errorhandler(HTTPException)
    def known(fault: HTTPException) -> tuple[Response, int]:
        text = 'The request is larger than one piece of a video may be.' if (
            fault.code == 413) else f'{fault.name}.'
        return jsonify(error=dict(kind='request', text=text)), fault.code

    @app.errorhandler(Exception)
    def failed(fault: Exception) -> tuple[Response, int]:
        LOGGER.error('A request failed.', exc_info=fault)
        return jsonify(error=internal_fault(fault)), 500


def _add_page(
    app: Flask, desk: Desk, model: Mapping[str, Any], token: str
) -> None:
    files = resources.files(__package__) / 'templates'

    @app.get('/')
    def show_page() -> str:
        return render_template(
            'app.html.jinja', token=token, model=model, kinds=KINDS,
            settings=desk.settings, piece=PIECE_BYTES)

    @app.get('/app.css')
    def show_style() -> Response:
        # Colours and parts are those of the report.
        own = (files / 'app.css').read_text(encoding='utf-8')
        return Response(f'{asset("page.css")}{own}', mimetype='text/css')

    @app.get('/app.js')
    def show_script() -> Response:
        return Response((files / 'app.js').read_text(encoding='utf-8'),
                        mimetype='text/javascript')


def _add_videos(app: Flask, desk: Desk) -> None:
    @app.post('/api/videos')
    def announce() -> tuple[Response, int]:
        values = request.get_json()
        if not isinstance(values, dict):
            raise Refused(400, 'request', 'name, size and options are needed')
        try:
            options = JobOptions.from_plain(values.get('options', {}))
        except ValueError as error:
            raise Refused(400, 'request', str(error)) from error
        job = desk.open(values.get('name', ''), values.get('size'), options)
        return jsonify(_told(desk, job)), 201

    @app.put('/api/videos/<job_id>/bytes')
    def receive(job_id: str) -> Response:
        start = request.args.get('from', type=int, default=-1)
        job = desk.receive(job_id, start, request.get_data(cache=False))
        return jsonify(_told(desk, job))

    @app.get('/api/videos/<job_id>')
    def tell(job_id: str) -> Response:
        return jsonify(_told(desk, desk.find(job_id)))

    @app.delete('/api/videos/<job_id>')
    def drop(job_id: str) -> tuple[str, int]:
        desk.drop(job_id)
        return '', 204

    @app.get('/results/<job_id>/report.<ending>', endpoint=_REPORT)
    def show_result(job_id: str, ending: str) -> Response:
        job = desk.find(job_id)
        if job.report is None or ending not in job.report.files:
            raise Refused(404, 'gone', 'There is no such result.')
        answer = Response(job.report.files[ending], content_type=MIME[ending])
        if ending != 'html' or 'save' in request.args:
            answer.headers.set('Content-Disposition', 'attachment',
                               filename=f'{PurePath(job.name).stem}.{ending}')
        return answer


def _told(desk: Desk, job: Job) -> dict[str, Any]:
    return dict(job.status(), ahead=desk.ahead(job))
