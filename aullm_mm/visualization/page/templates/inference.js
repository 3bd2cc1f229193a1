// The page of a video: a cursor on the timeline, and the movement that is chosen.
(() => {
  const result = JSON.parse(one('#result').textContent);
  const strip = JSON.parse(one('#strip-times').textContent);
  const track = one('#track'), view = one('#window'), video = one('#video');
  const length = Number(track.getAttribute('aria-valuemax'));
  const bySeconds = track.dataset.unit === 'seconds';
  const { frames = 1, fps } = result.source;
  const frameStep = bySeconds ? (fps ? 1 / fps : length / Math.max(frames - 1, 1)) : 1;
  const moves = result.movements;
  const value = (moment) => (bySeconds ? moment.seconds ?? 0 : moment.frame);
  const state = { time: 0, zoom: 1, face: '', chosen: null };

  // ---- the cursor ------------------------------------------------------------------

  const frameAt = (time) => bySeconds
    ? clamp(Math.round(fps ? time * fps : (time / length) * (frames - 1)), 0, frames - 1)
    : Math.round(time);

  const nearest = (time) => strip.reduce((best, row, i) =>
    Math.abs(value(row) - time) < Math.abs(value(strip[best]) - time) ? i : best, 0);

  const isShown = (move) => state.face === '' || String(move.track) === state.face;

  const movesAt = (time) => moves.filter((move) => isShown(move)
    && value(move.onset) - frameStep / 2 <= time
    && time <= value(move.offset) + frameStep / 2);

  function words(time, here) {
    const when = bySeconds ? `${time.toFixed(2)} s, ` : '';
    const what = here.map((m) => `movement ${m.id + 1}`).join(', ') || 'no movement';
    return { when: `${when}frame ${frameAt(time)}`, what };
  }

  function centre(button) {
    const row = one('#strip');
    const left = button.offsetLeft - row.offsetLeft + button.offsetWidth / 2;
    row.scrollLeft = left - row.clientWidth / 2;
  }

  function showFrame(time) {
    if (!strip.length) return;
    const index = nearest(time);
    const button = one(`[data-frame="${index}"]`);
    const before = one('#strip .near');
    if (before === button) return;
    if (before) before.classList.remove('near');
    button.classList.add('near');
    centre(button);
    const image = one('#frame');
    if (image) {
      image.src = one('img', button).src;
      image.alt = button.getAttribute('aria-label');
    }
  }

  function showScores(here) {
    all('[data-value]').forEach((cell) => {
      const scores = here.flatMap((move) => move.aus)
        .filter((row) => row.au === Number(cell.dataset.value));
      const best = scores.sort((a, b) => b.score - a.score)[0];
      cell.textContent = best ? best.score.toFixed(2) : '–';
      cell.classList.toggle('on', Boolean(best && best.present));
    });
  }

  function setTime(time, from) {
    state.time = clamp(time, 0, length);
    const here = movesAt(state.time), { when, what } = words(state.time, here);
    one('#cursor').style.left = `${(100 * state.time) / length}%`;
    track.setAttribute('aria-valuenow', state.time.toFixed(3));
    track.setAttribute('aria-valuetext', `${when}, ${what}`);
    const bold = document.createElement('b');
    bold.textContent = when;
    one('#readout').replaceChildren(bold, document.createTextNode(what));
    showFrame(state.time);
    showScores(here);
    if (video && from !== 'video' && bySeconds) video.currentTime = state.time;
  }

  function keepCursorInView() {
    const x = (state.time / length) * track.offsetWidth;
    if (x < view.scrollLeft || x > view.scrollLeft + view.clientWidth) {
      view.scrollLeft = x - view.clientWidth / 2;
    }
  }

  const timeOf = (event) => {
    const box = track.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * length;
  };

  // ---- the movement that is chosen -------------------------------------------------

  function choose(id, { move = true } = {}) {
    state.chosen = id;
    all('[data-panel]').forEach((panel) => {
      panel.classList.toggle('shown', Number(panel.dataset.panel) === id);
      stopFlicker(panel);
    });
    all('button[data-move]').forEach((button) =>
      button.setAttribute('aria-pressed', Number(button.dataset.move) === id));
    all('.bar').forEach((bar) =>
      bar.classList.toggle('chosen', Number(bar.dataset.move) === id));
    const found = moves.find((m) => m.id === id);
    if (move && found) {
      setTime(value(found.apex));
      keepCursorInView();
    }
    const panel = one(`[data-panel="${id}"]`);
    const first = panel && (one('.au[aria-pressed="true"]', panel) || one('.au', panel));
    if (first) chooseAU(panel, Number(first.dataset.au));
    const listed = one(`.list [data-move="${id}"]`);
    if (listed) showInList(listed);
  }

  // Scrolls the list only: scrollIntoView would move the whole page.
  function showInList(item) {
    const list = item.closest('.list').getBoundingClientRect();
    const own = item.getBoundingClientRect();
    const move = (low, high, first, last) => Math.min(0, low - first) + Math.max(0, high - last);
    item.closest('.list').scrollBy(
      move(own.left, own.right, list.left, list.right),
      move(own.top, own.bottom, list.top, list.bottom));
  }

  function chooseAU(panel, au) {
    all('.au', panel).forEach((row) =>
      row.setAttribute('aria-pressed', Number(row.dataset.au) === au));
    all('[data-heat]', panel).forEach((heat) => {
      heat.hidden = Number(heat.dataset.heat) !== au;
    });
    all('[data-node]', panel).forEach((node) =>
      node.classList.toggle('chosen', Number(node.dataset.node) === au));
    all('tr[data-aus]', panel).forEach((row) => row.classList.toggle(
      'lit', row.dataset.aus.split(' ')[0] === String(au)));
    all('.edge', panel).forEach((edge) => edge.classList.toggle(
      'faint', !edge.dataset.aus.split(' ').includes(String(au))));
  }

  function step(direction) {
    const shown = moves.filter(isShown)
      .sort((a, b) => value(a.onset) - value(b.onset));
    const here = shown.findIndex((move) => move.id === state.chosen);
    const next = shown[clamp(here + direction, 0, shown.length - 1)];
    if (next) choose(next.id);
  }

  // ---- onset and apex in turn ------------------------------------------------------

  function showStill(panel, name) {
    const image = one('.still', panel);
    image.src = image.dataset[name];
    one('.tag', panel).textContent = name;
  }

  function stopFlicker(panel) {
    const button = one('[data-flicker]', panel);
    if (!button || !panel.flicker) return;
    clearInterval(panel.flicker);
    panel.flicker = null;
    button.setAttribute('aria-pressed', false);
    showStill(panel, 'apex');
  }

  function flicker(panel) {
    if (panel.flicker) return stopFlicker(panel);
    one('[data-flicker]', panel).setAttribute('aria-pressed', true);
    let apex = true;
    panel.flicker = setInterval(() => {
      apex = !apex;
      showStill(panel, apex ? 'apex' : 'onset');
    }, 400);
  }

  // ---- zoom, faces, saving ---------------------------------------------------------

  function setZoom(zoom) {
    state.zoom = clamp(zoom, 1, 256);
    track.style.width = `${100 * state.zoom}%`;
    // A finger moves the cursor while all is in view, and the timeline when it is not.
    track.style.touchAction = state.zoom === 1 ? 'pan-y' : 'pan-x pan-y';
    one('#zoom-out').disabled = one('#zoom-fit').disabled = state.zoom === 1;
    const x = (state.time / length) * track.offsetWidth;
    view.scrollLeft = x - view.clientWidth / 2;
  }

  function filterFaces(face) {
    state.face = face;
    all('[data-track]').forEach((part) => {
      const hide = face !== '' && part.dataset.track !== face;
      (part.closest('li') || part).hidden = hide;
    });
    const chosen = moves.find((move) => move.id === state.chosen);
    if (chosen && !isShown(chosen)) step(0);
    setTime(state.time);
  }

  function save() {
    const text = JSON.stringify(result, null, 1);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    link.download = `${result.source.name.replace(/[^\w.-]+/g, '_')}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // ---- what a person does ----------------------------------------------------------

  const keys = {
    ArrowLeft: (e) => setTime(state.time - (e.shiftKey ? 1 : frameStep)),
    ArrowRight: (e) => setTime(state.time + (e.shiftKey ? 1 : frameStep)),
    ArrowUp: () => step(-1), ArrowDown: () => step(1),
    PageUp: () => step(-1), PageDown: () => step(1),
    Home: () => setTime(0), End: () => setTime(length),
  };
  track.addEventListener('keydown', (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key](event);
    keepCursorInView();
  });
  track.addEventListener('pointermove', (event) => setTime(timeOf(event)));
  track.addEventListener('click', (event) => {
    const part = event.target.closest('[data-move]');
    if (!part) return setTime(timeOf(event));
    const id = Number(part.dataset.move);
    choose(id, { move: false });
    if (part.dataset.au) {
      chooseAU(one(`[data-panel="${id}"]`), Number(part.dataset.au));
    }
  });
  all('.list [data-move]').forEach((button) => button.addEventListener(
    'click', () => choose(Number(button.dataset.move))));
  all('[data-frame]').forEach((button) => button.addEventListener(
    'click', () => setTime(value(strip[Number(button.dataset.frame)]))));
  all('[data-panel]').forEach((panel) => {
    all('.au', panel).forEach((row) => row.addEventListener(
      'click', () => chooseAU(panel, Number(row.dataset.au))));
    const [toggle, opacity] = [one('[data-flicker]', panel), one('[data-opacity]', panel)];
    if (toggle) toggle.addEventListener('click', () => flicker(panel));
    if (opacity) {
      opacity.addEventListener('input', () =>
        panel.style.setProperty('--heat', opacity.value / 100));
    }
  });
  one('#zoom-in').addEventListener('click', () => setZoom(state.zoom * 2));
  one('#zoom-out').addEventListener('click', () => setZoom(state.zoom / 2));
  one('#zoom-fit').addEventListener('click', () => setZoom(1));
  one('#save').addEventListener('click', save);
  const faces = one('#face-filter');
  if (faces) faces.addEventListener('change', () => filterFaces(faces.value));
  if (video) {
    video.addEventListener('timeupdate', () => setTime(video.currentTime, 'video'));
  }

  // Before the pictures are there, the strip has no widths to scroll by.
  addEventListener('load', () => {
    const near = one('#strip .near');
    if (near) centre(near);
  });

  setZoom(1);
  setTime(0);
  const shows = (move) => move.aus.some((row) => row.present);
  if (moves.length) choose((moves.find(shows) || moves[0]).id);
})();
