// Draws the timeline: a canvas of what is visible, with the whole run as a strip above it. Times are in microseconds.
(() => {
  const box = document.getElementById('timeline');
  const data = JSON.parse(document.getElementById('timeline-data').textContent);
  const make = (tag, parent, text) => {
    const e = parent.appendChild(document.createElement(tag));
    if (text) e.textContent = text;
    return e;
  };
  const jobs = data.jobs.map(([task, number, outcome, missed, received, deadline, end, blocked, variant, packed, reason]) => ({
    task, number, missed, received, deadline, end, blocked, outcome: data.texts[outcome],
    variant: data.texts[variant], packed: data.texts[packed], reason: data.texts[reason],
  }));
  const misses = jobs.filter(j => j.missed);
  const stages = ['pre', 'infer', 'post'];
  const dark = data.colors.map(c => // whether white is read better on it
    [1, 3, 5].reduce((sum, at, i) => sum + [.3, .59, .11][i] * parseInt(c.slice(at, at + 2), 16), 0) < 120);

  // A row has things by the time that they begin, and the longest of them: what is visible at t began after t - longest.
  const row = (name, height, things, extent) =>
    ({ name, height, things, extent, longest: things.reduce((most, s) => Math.max(most, extent(s)[1] - extent(s)[0]), 0) });
  const rows = data.lanes.map(lane => row(lane.name, 30,
    lane.spans.map(([job, stage, from, length]) => ({ job: jobs[job], stage, from, to: from + length })), s => [s.from, s.to]));
  const units = rows.length;
  data.tasks.forEach((name, i) => rows.push(row(name, 30, jobs.filter(j => j.task === i), j => [j.received, Math.max(j.end, j.deadline)])));
  const first = (r, at) => {
    let low = 0, high = r.things.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (r.extent(r.things[middle])[0] < at) low = middle + 1; else high = middle;
    }
    return low;
  };

  const bar = box.insertBefore(document.createElement('div'), box.firstChild);
  bar.className = 'bar';
  const canvas = document.createElement('canvas');
  bar.after(canvas);
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `Timeline of ${jobs.length} jobs, ${misses.length} of them missed`);
  const tip = make('div', box);
  tip.className = 'tip';
  tip.hidden = true;

  const strip = 26, axis = 24, gap = 10, total = Math.max(data.end, 1);
  const tops = [];
  let bottom = strip + axis;
  rows.forEach((r, i) => { tops.push(bottom += i === units && units ? gap : 0); bottom += r.height; });
  const busiest = Math.max(1, ...data.tasks.map((_, i) => jobs.filter(j => j.task === i).length));
  const view = { from: 0, to: Math.min(total, Math.max(20000, 10 * total / busiest)) };
  let width = 0, left = 0, hovered = null, dragged = null, asked = false;
  const x = t => left + (t - view.from) / (view.to - view.from) * (width - left);
  const time = px => view.from + (px - left) / (width - left) * (view.to - view.from);
  const stripX = t => left + t / total * (width - left);
  const number = (us, decimals = 3) => (us / 1000).toFixed(decimals);

  function show(from, to) {
    const span = Math.min(total * 1.02, Math.max(20, to - from)), edge = total * .01;
    view.from = Math.min(Math.max(from, -edge), total + edge - span);
    view.to = view.from + span;
    redraw();
  }
  const zoom = (factor, at = (view.from + view.to) / 2) => show(at - (at - view.from) * factor, at + (view.to - at) * factor);
  const pan = share => { const d = share * (view.to - view.from); show(view.from + d, view.to + d); };
  function miss(forward) {
    const middle = (view.from + view.to) / 2, at = j => j.deadline, slack = (view.to - view.from) * 1e-6;
    const next = forward ? misses.find(j => at(j) > middle + slack) : misses.findLast(j => at(j) < middle - slack);
    if (!next) return;
    const half = (view.to - view.from) / 2;
    hovered = next;
    view.from = at(next) - half; // not held inside of the run, so that the next miss is found from here
    view.to = at(next) + half;
    redraw();
  }
  const redraw = () => { if (!asked) { asked = true; requestAnimationFrame(() => { asked = false; draw(); }); } };

  function draw() {
    const style = getComputedStyle(box), color = name => style.getPropertyValue('--' + name).trim();
    const [ink, soft, rule, ground, late, accent] = ['ink', 'soft', 'rule', 'ground', 'late', 'accent'].map(color);
    const scale = window.devicePixelRatio || 1;
    width = canvas.clientWidth;
    left = width < 600 ? 92 : 150;
    canvas.style.height = bottom + 4 + 'px';
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round((bottom + 4) * scale);
    const c = canvas.getContext('2d');
    c.scale(scale, scale);
    c.font = '11px system-ui, sans-serif';
    c.textBaseline = 'middle';
    const box2 = (fill, x, y, w, h) => { c.fillStyle = fill; c.fillRect(x, y, w, h); };
    const label = (text, x, y, align = 'left', fill = soft, most) => {
      c.fillStyle = fill;
      c.textAlign = align;
      c.fillText(text, x, y, most);
    };

    // The whole run, with its misses and what is shown of it.
    box2(ground, left, 2, width - left, strip - 8);
    let last = -9;
    for (const j of misses) {
      const px = Math.round(stripX(j.deadline));
      if (px > last) box2(late, last = px, 4, 1, strip - 12);
    }
    c.strokeStyle = accent;
    c.lineWidth = 1.5;
    const shown = [Math.max(stripX(view.from), left + 1), Math.min(stripX(view.to), width - 1)];
    c.strokeRect(shown[0], 2, Math.max(shown[1] - shown[0], 3), strip - 8);
    label(`whole run, ${(total / 1e6).toFixed(1)} s`, left - 8, strip / 2 - 2, 'right', soft, left - 8);

    // Time, in round steps.
    const raw = (view.to - view.from) / Math.max(2, (width - left) / 90), power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].find(f => f * power >= raw) * power;
    const unit = step >= 1e5 ? 1e6 : 1e3, decimals = Math.max(0, Math.ceil(Math.log10(unit / step) - 1e-9));
    for (let at = Math.ceil(Math.max(view.from, 0) / step) * step; at <= view.to; at += step) {
      box2(rule, x(at), strip + axis - 4, 1, bottom - strip - axis + 4);
      label(`${(at / unit).toFixed(decimals)} ${unit === 1e6 ? 's' : 'ms'}`, x(at), strip + axis / 2 - 2, 'center');
    }

    rows.forEach((r, i) => {
      const top = tops[i], from = first(r, view.from - r.longest);
      box2(ground, left, top + 2, width - left, r.height - 4);
      label(r.name, left - 8, top + r.height / 2, 'right', ink, left - 8);
      c.save();
      c.beginPath();
      c.rect(left, top, width - left, r.height);
      c.clip();
      if (i < units) drawUnit(r, top, from); else drawTask(r, top, from);
      c.restore();
    });

    function drawUnit(r, top, from) {
      let drawn = -1; // pixels up to here have something
      for (let k = from; k < r.things.length && r.things[k].from < view.to; k++) {
        const s = r.things[k], a = Math.max(x(s.from), left - 4), b = Math.min(x(s.to), width + 4);
        if (b < left || b - a < 1 && b < drawn) continue;
        const w = Math.max(b - a, 1);
        drawn = a + w;
        c.globalAlpha = s.stage === 1 ? 1 : .5;
        box2(data.colors[s.job.task], a, top + 4, w, r.height - 8);
        c.globalAlpha = 1;
        if (s.job.missed && w > 3 || s.job === hovered) {
          c.strokeStyle = s.job === hovered ? ink : late;
          c.lineWidth = 2;
          c.strokeRect(a + 1, top + 5, Math.max(w - 2, 1), r.height - 10);
        }
        const fill = s.stage !== 1 ? ink : dark[s.job.task] ? '#fff' : '#111';
        const text = [`${stages[s.stage]} ${s.job.number}`, `${s.job.number}`].find(text => w > c.measureText(text).width + 8);
        if (text) label(text, a + w / 2, top + r.height / 2 + .5, 'center', fill);
      }
    }

    function drawTask(r, top, from) {
      const base = top + r.height - 5;
      const dense = (first(r, view.to) - from) * 12 > width - left; // then only misses are marked, and without a shape
      let bars = -1, marked = -9;
      for (let k = from; k < r.things.length && r.things[k].received < view.to; k++) {
        const j = r.things[k], a = x(j.received), b = Math.max(x(j.end), a + 1), d = x(j.deadline);
        if (b - a >= 2 || b >= bars + 1) {
          c.globalAlpha = .5;
          box2(data.colors[j.task], a, base - 8, b - a, 8);
          c.globalAlpha = 1;
          bars = b;
          if (b - a > 4) box2(data.colors[j.task], a, base - 13, 1.5, 13);
        }
        if (j === hovered) { c.strokeStyle = ink; c.lineWidth = 1.5; c.strokeRect(a, base - 8, b - a, 8); }
        if (dense && j.missed && d >= marked + 1) box2(late, marked = d, top + 4, 1, r.height - 8);
        if (!dense) arrow(d, top + 5, base, j.missed ? late : soft);
        if (!dense && j.missed) cross(b, base - 4);
      }
    }

    function arrow(px, from, to, stroke) {
      c.strokeStyle = stroke;
      c.lineWidth = 1.2;
      c.beginPath();
      c.moveTo(px, from); c.lineTo(px, to); c.moveTo(px - 3, to - 5); c.lineTo(px, to); c.lineTo(px + 3, to - 5);
      c.stroke();
    }

    function cross(px, y) {
      c.strokeStyle = late;
      c.lineWidth = 2;
      c.beginPath();
      c.moveTo(px - 4, y - 4); c.lineTo(px + 4, y + 4); c.moveTo(px + 4, y - 4); c.lineTo(px - 4, y + 4);
      c.stroke();
    }
  }

  // under returns the thing at a place of the canvas, a few pixels off too.
  function under(px, y) {
    const i = rows.findIndex((r, i) => y >= tops[i] && y < tops[i] + r.height);
    if (i < 0 || px < left) return null;
    const r = rows[i], t = time(px), slack = time(px + 3) - t;
    let best = null, distance = slack;
    for (let k = first(r, t - r.longest - slack); k < r.things.length; k++) {
      const [from, to] = r.extent(r.things[k]), d = Math.max(from - t, t - to, 0);
      if (from > t + slack) break;
      if (d <= distance) { best = r.things[k]; distance = d; } // of several, the one that began last
    }
    return best && (i < units ? { job: best.job, span: best } : { job: best });
  }

  function tell(found, px, y) {
    const j = found.job, lines = [];
    if (found.span) lines.push(`${stages[found.span.stage]} from ${number(found.span.from)} to ${number(found.span.to)} ms: ${number(found.span.to - found.span.from)} ms`);
    lines.push(`received at ${number(j.received)} ms`);
    lines.push(j.outcome === 'published' ? `published after ${number(j.end - j.received)} ms` : j.outcome + (j.reason ? ': ' + j.reason : ''));
    lines.push(`deadline after ${number(j.deadline - j.received)} ms` + (j.missed ? ': missed' : `, ${number(j.deadline - j.end)} ms left`));
    if (j.blocked) lines.push(`ready, but blocked for ${number(j.blocked)} ms`);
    if (j.packed) lines.push(`inference began beside one of ${j.packed}`);
    tip.textContent = '';
    make('b', tip, `${data.tasks[j.task]}${j.variant ? '/' + j.variant : ''}, job ${j.number}`);
    tip.append(lines.join('\n'));
    tip.hidden = false;
    const beside = px + 16 + tip.offsetWidth < width ? px + 16 : Math.max(px - 16 - tip.offsetWidth, 0);
    tip.style.left = canvas.offsetLeft + beside + 'px';
    tip.style.top = canvas.offsetTop + y + 16 + 'px';
  }

  canvas.addEventListener('wheel', e => {
    e.preventDefault();
    const lines = e.deltaMode === 1 ? 20 : 1;
    if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) pan((e.deltaX || e.deltaY) * lines / width);
    else zoom(Math.exp(Math.min(Math.max(e.deltaY * lines, -200), 200) * .002), time(Math.max(e.offsetX, left)));
  }, { passive: false });
  canvas.addEventListener('pointerdown', e => {
    canvas.setPointerCapture(e.pointerId);
    dragged = { x: e.offsetX, from: view.from, to: view.to, strip: e.offsetY < strip };
    if (dragged.strip) jump(e.offsetX);
  });
  const jump = px => {
    const half = (view.to - view.from) / 2, at = (px - left) / (width - left) * total;
    show(at - half, at + half);
  };
  canvas.addEventListener('pointermove', e => {
    if (dragged?.strip) return jump(e.offsetX);
    if (dragged) {
      const d = (dragged.x - e.offsetX) / (width - left) * (dragged.to - dragged.from);
      tip.hidden = true;
      return show(dragged.from + d, dragged.to + d);
    }
    const found = under(e.offsetX, e.offsetY);
    if (found) tell(found, e.offsetX, e.offsetY); else tip.hidden = true;
    if (hovered !== (found && found.job)) { hovered = found && found.job; redraw(); }
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { dragged = null; });
  canvas.addEventListener('pointerleave', () => { tip.hidden = true; if (hovered) { hovered = null; redraw(); } });
  canvas.addEventListener('dblclick', () => show(0, total));
  const keys = {
    ArrowLeft: () => pan(-.2), ArrowRight: () => pan(.2), '+': () => zoom(.6), '-': () => zoom(1 / .6),
    '0': () => show(0, total), n: () => miss(true), p: () => miss(false),
  };
  canvas.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey || !keys[e.key]) return;
    e.preventDefault();
    keys[e.key]();
  });
  for (const [text, key, title] of [['−', '-', 'zoom out (-)'], ['+', '+', 'zoom in (+)'], ['whole run', '0', 'the whole run (0)'],
    ['‹ miss', 'p', 'the miss before (p)'], ['miss ›', 'n', 'the next miss (n)']]) {
    const b = make('button', bar, text);
    b.type = 'button';
    b.title = title;
    b.disabled = text.includes('miss') && !misses.length;
    b.addEventListener('click', keys[key]);
  }
  make('span', bar, 'wheel zooms, dragging moves, hovering tells').className = 'keys';
  new ResizeObserver(redraw).observe(canvas);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  draw();
})();
