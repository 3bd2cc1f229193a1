// The page of a run: a threshold to slide, tables to sort, mistakes to filter.
(() => {
  const data = JSON.parse(one('#units').textContent);
  const percent = (above, below) => below ? `${(100 * above / below).toFixed(1)} %` : '–';

  function showUnit(figure, counts, threshold) {
    const total = counts.reduce((a, b) => a + b, 0) || 1;
    all('[data-count]', figure).forEach((cell) => {
      const count = counts[Number(cell.dataset.count)];
      cell.textContent = count;
      cell.style.setProperty('--share', Math.sqrt(count / total));
    });
    const [tp, fp, fn] = counts;
    one('[data-measures]', figure).textContent =
      `F1 ${tp + fn ? percent(2 * tp, 2 * tp + fp + fn) : '–'}, ` +
      `precision ${percent(tp, tp + fp)}, recall ${percent(tp, tp + fn)}`;
    const line = one('.now', figure);
    for (const end of ['x1', 'x2']) {
      line.setAttribute(end, threshold * Number(line.dataset.width));
    }
  }

  function showThreshold(index) {
    const threshold = data.thresholds[index];
    one('#shown').textContent = threshold.toFixed(2);
    one('#threshold').setAttribute('aria-valuetext', threshold.toFixed(2));
    all('[data-unit]').forEach((figure) => showUnit(
      figure, data.units[Number(figure.dataset.unit)].counts[index], threshold));
  }

  function sortBy(table, heading) {
    const column = [...heading.parentNode.children].indexOf(heading);
    const down = heading.getAttribute('aria-sort') !== 'descending';
    all('th', table).forEach((other) => other.removeAttribute('aria-sort'));
    heading.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const key = (row) => row.children[column].textContent.trim();
    const body = one('tbody', table);
    const rows = [...body.children].sort((a, b) =>
      key(a).localeCompare(key(b), 'en', { numeric: true }) * (down ? -1 : 1));
    body.append(...rows);
  }

  all('.sortable').forEach((table) => all('thead th', table).forEach((heading) => {
    heading.tabIndex = 0;
    heading.addEventListener('click', () => sortBy(table, heading));
    heading.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      sortBy(table, heading);
    });
  }));
  const slider = one('#threshold'), filter = one('#unit-filter');
  if (slider) {
    const start = slider.value;
    slider.addEventListener('input', () => showThreshold(Number(slider.value)));
    one('#reset').addEventListener('click', () => {
      slider.value = start;
      showThreshold(Number(start));
    });
    showThreshold(Number(start));
  }
  if (filter) {
    filter.addEventListener('change', () => all('#mistakes tbody tr').forEach((row) => {
      row.hidden = filter.value !== '' && row.dataset.label !== filter.value;
    }));
  }
})();
