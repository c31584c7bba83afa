// What the page does in the browser beside htmx: moments in the reader's time zone, charts, and a word when the server
// is gone. Without it everything can be read all the same.
(() => {
  'use strict';

  const clock = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

  function localTimes(root) {
    for (const time of root.querySelectorAll('time[datetime]:not([data-local])')) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      time.setAttribute('data-local', '');
      if (time.hasAttribute('data-age')) {
        time.title = moment.format(at);
      } else {
        time.title = time.textContent;
        time.textContent = moment.format(at);
      }
    }
  }

  // Charts

  const charts = new Map();

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function money(value) {
    if (value == null) return '–';
    const size = Math.abs(value);
    return '$' + value.toFixed(size === 0 || size >= 1 ? 2 : size >= 0.001 ? 4 : 8);
  }

  function rate(value) {
    if (value == null) return '–';
    return (value === 0 || value >= 100 ? value.toFixed(0) : value.toPrecision(2)) + '/s';
  }

  // On an axis, as many digits as tell its steps apart.
  function steps(unit) {
    return (self, splits) => {
      const step = splits.length > 1 ? Math.abs(splits[1] - splits[0]) : 1;
      const digits = Math.min(8, Math.max(0, Math.ceil(-Math.log10(step))));
      return splits.map(value => unit + value.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
    };
  }

  function options(element, kind) {
    const bars = uPlot.paths.bars({ size: [0.85, 24, 1] });
    const axis = { stroke: colour('--soft'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
    const items = kind === 'items';
    const when = { label: 'At', value: (u, v) => (v == null ? '–' : clock.format(new Date(v * 1000))) };
    const line = (label, stroke, value) => ({ label, stroke: colour(stroke), width: 2, value: (u, v) => value(v), points: { show: false } });
    const column = (label, fill, value) => ({ label, stroke: colour(fill), fill: colour(fill), width: 0, paths: bars, value: (u, v) => value(v), points: { show: false } });
    return {
      width: element.clientWidth,
      height: 176,
      cursor: { y: false, points: { show: !items } },
      legend: { live: true },
      scales: { y: { range: (u, low, high) => [0, high > 0 ? high * 1.1 : 1] } },
      axes: [{ ...axis, space: 70 }, { ...axis, size: 62, values: steps(items ? '' : '$') }],
      series: items
        ? [when, column('Succeeded', '--ok-fill', rate), column('Failed', '--bad-fill', rate)]
        : [when, line('Spent', '--accent', money), line('Saved', '--ok-fill', money)],
    };
  }

  function columns(series, kind) {
    return kind === 'items'
      ? [series.at, series.succeeded.map((value, i) => value + series.failed[i]), series.failed]
      : [series.at, series.spent, series.saved];
  }

  // Of items, the failed ones are drawn upon all that are done: their legend says how many succeeded.
  function legends(series, options) {
    if (options.series[1].label === 'Succeeded') {
      options.series[1].value = (u, v, s, i) => rate(i == null ? null : series().succeeded[i]);
    }
    return options;
  }

  function draw(element, series) {
    const kind = element.dataset.kind;
    const known = charts.get(element);
    if (known) {
      known.series = series;
      known.plot.setData(columns(series, kind));
      return;
    }
    const chart = { series, plot: null };
    chart.plot = new uPlot(legends(() => chart.series, options(element, kind)), columns(series, kind), element);
    charts.set(element, chart);
  }

  async function load(element) {
    try {
      const answer = await fetch(element.dataset.series, { credentials: 'same-origin' });
      if (answer.ok && element.isConnected) draw(element, await answer.json());
    } catch {
      // The next time, maybe; that the server is gone is said elsewhere.
    }
  }

  function loadAll(onlyLive) {
    for (const element of [...charts.keys()]) {
      if (!element.isConnected) {
        charts.get(element).plot.destroy();
        charts.delete(element);
      }
    }
    for (const element of document.querySelectorAll('.chart')) {
      if (!onlyLive || element.hasAttribute('data-live') || !charts.has(element)) load(element);
    }
  }

  function redrawAll() {
    for (const [element, chart] of [...charts]) {
      chart.plot.destroy();
      charts.delete(element);
      draw(element, chart.series);
    }
  }

  let resizing;
  addEventListener('resize', () => {
    clearTimeout(resizing);
    resizing = setTimeout(redrawAll, 150);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawAll);

  // Live updates

  const offline = document.getElementById('offline');

  document.addEventListener('htmx:before:request', event => {
    // Nobody looks; and who is about to decide, or marks text, is not disturbed.
    if (document.hidden || document.querySelector('details.menu[open]') || !getSelection().isCollapsed) {
      event.preventDefault();
    }
  });
  document.addEventListener('htmx:error', () => { offline.hidden = false; });
  document.addEventListener('htmx:after:request', event => {
    offline.hidden = event.detail.ctx.response.status < 500;
  });
  document.addEventListener('htmx:after:swap', () => {
    localTimes(document);
    for (const element of document.querySelectorAll('.chart')) {
      if (!charts.has(element)) load(element);
    }
  });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) loadAll(true); });
  setInterval(() => { if (!document.hidden) loadAll(true); }, 10_000);

  localTimes(document);
  loadAll(false);
})();
