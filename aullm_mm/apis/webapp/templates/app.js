'use strict';
// Sends a video in pieces, asks how far it is, and shows the report.
(() => {
  const one = (selector) => document.querySelector(selector);
  const facts = document.body.dataset;
  const POLL = 500, RETRIES = 8, STEPS = ['sending', 'watching', 'deciding', 'drawing'];
  const HINTS = {
    sending: 'From this tab to the program, in pieces.',
    watching: 'The face is found in each frame, and its motion is measured.',
    deciding: 'Movements are given to the model, some at once; answers are explained.',
    drawing: 'Pictures, timeline and reasons are put into one page.'};
  const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
  // What belongs to one video; another one takes its place, and old answers are dropped.
  let run = null;

  class Told extends Error {
    constructor(kind, text) { super(text); this.kind = kind; }
  }

  async function ask(path, options = {}) {
    let answer;
    try {
      answer = await fetch(path, {
        ...options, headers: {'X-AULLM-Token': facts.token, ...options.headers}});
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      throw new Told('silent', 'The program does not answer. Was it stopped?');
    }
    if (answer.status === 204) return null;
    const body = await answer.json().catch(() => null);
    if (answer.ok && body) return body;
    throw new Told(body?.error?.kind ?? 'internal',
      body?.error?.text ?? `The program answered with status ${answer.status}.`);
  }

  function view(name) {
    for (const id of ['start', 'work', 'done']) one(`#${id}`).hidden = id !== name;
  }

  function start() {
    run?.aborter.abort();
    run = null;
    document.title = 'Action units of a video';
    history.replaceState(null, '', location.pathname);
    frame(null);
    one('#file').value = '';
    view('start');
    one('#title').focus();
  }

  const TITLES = {
    input: 'This video cannot be used', busy: 'Busy', 'too large': 'Too large',
    computer: 'This computer could not do it', internal: 'The program failed',
    silent: 'No answer', gone: 'Not there any more', page: 'Load the page again'};

  function fail(error) {
    start();
    const box = one('#error');
    box.querySelector('strong').textContent = TITLES[error.kind] ?? 'That did not work';
    box.querySelector('span').textContent = error.message;
    box.hidden = false;
    box.scrollIntoView({block: 'nearest'});
  }

  function options() {
    const fps = one('#fps').value;
    return {
      llm: one('#llm').checked, explain: one('#explain').checked,
      all_faces: one('#faces').value === 'all', fps: fps === '' ? null : Number(fps)};
  }

  function take(files) {
    one('#error').hidden = true;
    if (files.length > 1) return fail(new Told('input', 'Drop one video at a time.'));
    const [file] = files;
    if (!file || !one('#options').reportValidity()) return undefined;
    if (file.size > Number(facts.maxBytes)) {
      return fail(new Told('too large', `${file.name} has ${megabytes(file.size)} MB, ` +
        `at most ${facts.maxMb} MB are taken: cut it, or start the program with a ` +
        'larger --max-mb.'));
    }
    return go(file.name, (mine) => send(file, mine));
  }

  // Do a thing for a video that is shown as work, then follow it until it ends.
  async function go(name, begin) {
    const mine = {id: null, name, aborter: new AbortController(), since: Date.now()};
    run = mine;
    one('#work-name').textContent = name;
    one('#cancel').disabled = false;
    show({state: 'receiving', received: 0, size: 1});
    view('work');
    one('#work-name').focus();
    try {
      await begin(mine);
      await follow(mine);
    } catch (error) {
      if (run === mine && error.name !== 'AbortError') {
        if (mine.id) drop(mine.id);
        fail(error);
      }
    }
  }

  async function send(file, mine) {
    const {signal} = mine.aborter;
    let job = await ask('api/videos', {
      method: 'POST', headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({name: file.name, size: file.size, options: options()})});
    mine.id = job.id;
    if (run !== mine) return drop(job.id);  // cancelled while the answer was on its way
    history.replaceState(null, '', `#${job.id}`);
    while (job.state === 'receiving') {
      const from = job.received;
      const piece = await bytes(file, from);
      job = await ask(`api/videos/${job.id}/bytes?from=${from}`, {
        method: 'PUT', signal, body: piece,
        headers: {'Content-Type': 'application/octet-stream'}});
      if (run === mine) show(job);
    }
    return undefined;
  }

  async function bytes(file, from) {
    try {
      return await file.slice(from, from + Number(facts.piece)).arrayBuffer();
    } catch {
      throw new Told('input', `${file.name} cannot be read: was it moved or changed?`);
    }
  }

  async function follow(mine) {
    let silent = 0;
    while (run === mine) {
      let job = null;
      try {
        job = await ask(`api/videos/${mine.id}`, {signal: mine.aborter.signal});
        silent = 0;
      } catch (error) {
        silent += 1;
        if (error.kind !== 'silent' || silent > RETRIES) throw error;
      }
      if (run !== mine) return;
      if (job && finished(job, mine)) return;
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  }

  // Whether a job has ended; what became of it is shown then.
  function finished(job, mine) {
    if (job.state === 'failed') throw new Told(job.error.kind, job.error.text);
    if (job.state === 'cancelled') start();
    else if (job.state === 'done') report(job);
    else show(job, mine);
    return ['cancelled', 'done'].includes(job.state);
  }

  function show(job, mine) {
    const step = job.state === 'working' ? job.stage ?? 'watching' :
      job.state === 'receiving' ? 'sending' : 'watching';
    for (const item of document.querySelectorAll('.steps li')) {
      const place = STEPS.indexOf(item.dataset.step) - STEPS.indexOf(step);
      item.className = place < 0 ? 'past' : place === 0 ? 'now' : '';
    }
    const [text, share] = progress(job, step);
    one('#stage').textContent = job.stopping ? 'Stopping' : text;
    gauge(share);
    one('#hint').textContent = job.state === 'waiting' ? 'It begins by itself.' :
      HINTS[step];
    const seconds = mine ? Math.round((Date.now() - mine.since) / 1000) : 0;
    one('#detail').textContent = seconds > 1 ? `${seconds} seconds so far` : '';
    document.title = `${share === null ? '' : `${Math.round(100 * share)} % · `}` +
      one('#work-name').textContent;
  }

  // What is said of a step, and the share that is done, or null.
  function progress(job, step) {
    if (job.state === 'waiting') {
      const others = job.ahead === 1 ? 'one other video' : `${job.ahead} other videos`;
      return [job.ahead > 0 ? `Waiting for ${others}` : 'Waiting', null];
    }
    if (step === 'sending') {
      return [`Sending, ${megabytes(job.received)} of ${megabytes(job.size)} MB`,
        job.received / job.size];
    }
    const known = job.total > 0 && job.done > 0;
    const share = known ? Math.min(job.done / job.total, 1) : null;
    const count = known ? `${job.done} of ${job.total}` : job.done || '';
    if (step === 'watching') return [`Watching frame ${count || '…'}`, share];
    if (step === 'deciding') {
      // The last ones that were read are still being decided.
      return [`Deciding movement ${count}`,
        known ? Math.max(job.done - 0.5, 0) / job.total : null];
    }
    return ['Drawing the report', share];
  }

  function gauge(share) {
    const bar = one('#gauge');
    bar.classList.toggle('unknown', share === null);
    bar.firstElementChild.style.width = share === null ? '' : `${100 * share}%`;
    if (share === null) bar.removeAttribute('aria-valuenow');
    else bar.setAttribute('aria-valuenow', Math.round(100 * share));
  }

  function report(job) {
    const address = `results/${job.id}/report`;
    one('#done-name').textContent = job.name;
    const until = new Date(Date.now() + 6e4 * Number(facts.keep));
    const hour = until.toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'});
    one('#kept').textContent = `video deleted · report kept until ${hour} at most`;
    one('#save-html').href = `${address}.html?save`;
    one('#save-json').href = `${address}.json`;
    one('#save-csv').href = `${address}.csv`;
    // Its script scrolls to what it chooses; what it is not made for stands on top.
    frame(`${address}.html#top`);
    document.title = `${job.name} · action units`;
    view('done');
    one('#done-name').focus();
  }

  // A new frame each time: its pages must not get into the way of the back button.
  function frame(address) {
    const old = one('#report');
    const fresh = old.cloneNode();
    fresh.removeAttribute('src');
    if (address) fresh.src = address;
    old.replaceWith(fresh);
  }

  function drop(id) {
    return ask(`api/videos/${id}`, {method: 'DELETE'}).catch(() => null);
  }

  async function cancel() {
    const mine = run;
    one('#cancel').disabled = true;
    if (!mine?.id) return start();
    mine.aborter.abort();
    await drop(mine.id);
    return run === mine ? start() : undefined;
  }

  function listen() {
    one('#file').addEventListener('change', (event) => take(event.target.files));
    one('#options').addEventListener('submit', (event) => event.preventDefault());
    one('#cancel').addEventListener('click', cancel);
    one('#again').addEventListener('click', start);
    one('#forget').addEventListener('click', async () => {
      await drop(run.id);
      start();
    });
    // Wherever a file is dropped, the browser must not open it in place of the page.
    let depth = 0;
    const mark = (change) => {
      depth = Math.max(0, change === null ? 0 : depth + change);
      document.body.classList.toggle('over', depth > 0);
    };
    addEventListener('dragenter', (event) => { event.preventDefault(); mark(1); });
    addEventListener('dragleave', () => mark(-1));
    addEventListener('dragover', (event) => event.preventDefault());
    addEventListener('drop', (event) => {
      event.preventDefault();
      mark(null);
      if (!one('#start').hidden) take(event.dataTransfer.files);
    });
  }

  // After a reload, go on with the video or report that the address names.
  function resume() {
    const id = location.hash.slice(1);
    if (!/^[\w-]{20,}$/.test(id)) return;
    go('', async (mine) => {
      mine.id = id;
      const job = await ask(`api/videos/${id}`, {signal: mine.aborter.signal});
      mine.name = one('#work-name').textContent = job.name;
      if (job.state === 'receiving') {
        throw new Told('input', 'Sending was interrupted: choose the video again.');
      }
    });
  }

  listen();
  resume();
})();
