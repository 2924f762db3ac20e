'use strict';
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const report = JSON.parse(one('#prometeu-report').textContent);
  const assets = new Map(report.assets.map((asset) => [String(asset.asset_id), asset]));
  const changes = new Map(((report.since || {}).changes || []).map((change) => [change.asset_uuid, change]));
  document.documentElement.classList.add('js');

  // On a narrow page rows are no longer drawn as a table's, and would lose what they are.
  const table = one('#table');
  const roles = { table: 'table', thead: 'rowgroup', tbody: 'rowgroup', tr: 'row', td: 'cell' };
  for (const [name, role] of Object.entries(roles)) {
    for (const element of name === 'table' ? [table] : all(name, table)) element.setAttribute('role', role);
  }
  all('thead th', table).forEach((cell) => cell.setAttribute('role', 'columnheader'));
  all('tbody th', table).forEach((cell) => cell.setAttribute('role', 'rowheader'));

  // What is sorted and filtered stands behind the # of the address, so that it can be kept and sent.
  const rank = { added: 3, changed: 2, renamed: 1 };
  const change = (asset) => changes.get(asset.asset_uuid);
  const growth = (asset) => {
    const { size_before = 0, size_after = 0 } = change(asset) || {};
    return Math.abs(size_after - size_before);
  };
  const keys = {
    id: (asset) => [asset.asset_id],
    root: (asset) => [asset.root.toLowerCase()],
    name: (asset) => [asset.asset_name.toLowerCase(), asset.address],
    family: (asset) => [asset.asset_family, asset.root.toLowerCase()],
    codec: (asset) => [asset.codec],
    size: (asset) => [asset.size],
    share: (asset) => [asset.size],
    change: (asset) => [rank[(change(asset) || {}).kind] || 0, growth(asset)],
  };
  const largestFirst = ['size', 'share', 'change'];
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => ({ row, asset: assets.get(row.dataset.a) }));
  const others = all('.card').map((card) => [card, card.dataset.a]);
  const cells = all('#treemap a');
  const words = new Map(report.assets.map((asset) => [String(asset.asset_id), [
    asset.root, asset.asset_name, asset.address, 'assets::' + asset.address, asset.asset_uuid, asset.asset_id,
  ].join('\n').toLowerCase()]));
  const state = { sort: 'size', down: true, q: '', family: '' };
  const query = one('#q'), family = one('#family'), count = one('#count');

  const compare = (a, b) => {
    for (let n = 0; n < a.length; n += 1) {
      if (a[n] < b[n]) return -1;
      if (a[n] > b[n]) return 1;
    }
    return 0;
  };
  const sort = () => {
    const key = keys[state.sort], way = state.down ? -1 : 1;
    rows.sort((a, b) => way * compare(key(a.asset), key(b.asset)) || a.asset.asset_id - b.asset.asset_id);
    const sorted = document.createDocumentFragment();
    for (const { row } of rows) sorted.append(row);
    body.append(sorted);
    for (const button of all('thead button', table)) {
      const cell = button.closest('th');
      if (button.dataset.key === state.sort) cell.setAttribute('aria-sort', state.down ? 'descending' : 'ascending');
      else cell.removeAttribute('aria-sort');
    }
  };
  const filter = () => {
    const wanted = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (id) => {
      const asset = assets.get(id);
      return (!state.family || asset.asset_family === state.family) && wanted.every((word) => words.get(id).includes(word));
    };
    let shown = 0;
    for (const { row } of rows) {
      row.hidden = !fits(row.dataset.a);
      shown += row.hidden ? 0 : 1;
    }
    for (const [card, id] of others) card.hidden = !fits(id);
    for (const cell of cells) cell.classList.toggle('off', !fits(cell.dataset.a));
    for (const gallery of all('.gallery')) gallery.hidden = !one('.card:not([hidden])', gallery);
    one('#none').hidden = shown > 0;
    const number = (n) => n.toLocaleString('en');
    count.textContent = shown === rows.length
      ? `${number(shown)} asset${shown === 1 ? '' : 's'}`
      : `${number(shown)} of ${number(rows.length)} assets`;
  };
  const remember = () => {
    const kept = new URLSearchParams();
    if (state.sort !== 'size' || !state.down) kept.set('sort', (state.down ? '-' : '') + state.sort);
    if (state.q) kept.set('q', state.q);
    if (state.family) kept.set('family', state.family);
    const hash = kept.toString();
    try {
      history.replaceState(null, '', hash ? '#' + hash : location.pathname + location.search);
    } catch { /* A browser that forbids it forgets, and does everything else. */ }
  };
  const recall = () => {
    const kept = new URLSearchParams(location.hash.slice(1));
    const key = (kept.get('sort') || '-size').replace(/^-/, '');
    if (Object.hasOwn(keys, key) && one(`[data-key="${key}"]`, table)) {
      state.sort = key;
      state.down = (kept.get('sort') || '-size').startsWith('-');
    }
    state.q = kept.get('q') || '';
    state.family = [...family.options].some((option) => option.value === kept.get('family')) ? kept.get('family') : '';
    query.value = state.q;
    family.value = state.family;
    sort();
    filter();
  };
  table.tHead.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    const key = button.dataset.key;
    state.down = state.sort === key ? !state.down : largestFirst.includes(key);
    state.sort = key;
    sort();
    remember();
  });
  const filtered = () => {
    [state.q, state.family] = [query.value, family.value];
    filter();
    remember();
  };
  query.addEventListener('input', filtered);
  family.addEventListener('change', filtered);
  one('.filter').addEventListener('submit', (event) => event.preventDefault());
  one('.filter').addEventListener('reset', () => setTimeout(filtered));

  // Links within the page lead there, and leave alone what the address remembers.
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = document.getElementById(link.getAttribute('href').slice(1));
    if (!target) return;
    event.preventDefault();
    if (target.hidden) one('#reset').click(), setTimeout(() => go(target), 10);
    else go(target);
  });
  const go = (target) => {
    for (let around = target.parentElement; around; around = around.parentElement) if (around.tagName === 'DETAILS') around.open = true;
    target.scrollIntoView({ block: target.matches('h2') ? 'start' : 'center' });
    if (!target.matches('a, button, input, select, [tabindex]')) target.tabIndex = -1;
    target.focus({ preventScroll: true });
  };

  // The map is one stop of the Tab key; arrows go to the nearest area in their direction.
  const map = one('#treemap'), says = one('#map-says');
  if (map) {
    const stop = (cell) => {
      for (const other of cells) other.tabIndex = other === cell ? 0 : -1;
    };
    stop(cells[0]);
    const say = (cell) => { says.textContent = cell ? cell.getAttribute('aria-label') : '\u00a0'; };
    map.addEventListener('focusin', (event) => {
      const cell = event.target.closest('a');
      if (cell) { stop(cell); say(cell); }
    });
    map.addEventListener('mouseover', (event) => say(event.target.closest('a')));
    map.addEventListener('mouseleave', () => say(document.activeElement.closest('#treemap a')));
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    map.addEventListener('keydown', (event) => {
      const from = event.target.closest('a');
      if (!from) return;
      let to = null;
      if (event.key === 'Home') to = cells[0];
      else if (event.key === 'End') to = cells.at(-1);
      else if (ways[event.key]) {
        const [x, y] = ways[event.key], here = from.getBoundingClientRect();
        let best = Infinity;
        for (const cell of cells) {
          if (cell === from) continue;
          const there = cell.getBoundingClientRect();
          const ahead = x ? (x > 0 ? there.left - here.right : here.left - there.right) : (y > 0 ? there.top - here.bottom : here.top - there.bottom);
          if (ahead < -2) continue;
          const beside = x
            ? Math.max(there.top - (here.top + here.bottom) / 2, (here.top + here.bottom) / 2 - there.bottom, 0)
            : Math.max(there.left - (here.left + here.right) / 2, (here.left + here.right) / 2 - there.right, 0);
          const far = ahead + beside * 4;
          if (far < best) [best, to] = [far, cell];
        }
      } else return;
      event.preventDefault();
      if (to) to.focus();
    });
  }

  // A picture is a PNG file whose palette stands at byte 41; other colours are written there, and its sum behind them.
  const sums = new Uint32Array(256).map((_, n) => {
    for (let bit = 0; bit < 8; bit += 1) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });
  const sum = (bytes) => ~bytes.reduce((crc, byte) => sums[(crc ^ byte) & 255] ^ (crc >>> 8), -1) >>> 0;
  const colors = (input) => input.dataset.colors.match(/../g).map((channel) => parseInt(channel, 16));
  const repaint = (image, palette) => {
    const [head, data] = image.src.split(',');
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    bytes.set(palette, 41);
    new DataView(bytes.buffer).setUint32(89, sum(bytes.subarray(37, 89)));
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    image.src = head + ',' + btoa(text);
  };
  for (const input of all('.palettes input')) {
    const own = colors(input), shades = [];
    for (let n = 1; n < 16; n += 1) shades.push(`rgb(${own.slice(n * 3, n * 3 + 3)})`);
    while (shades.length > 1 && shades.at(-1) === 'rgb(0,0,0)') shades.pop();
    const stops = shades.map((shade, n) => `${shade} ${n / shades.length * 100}% ${(n + 1) / shades.length * 100}%`);
    input.nextElementSibling.style.background = `linear-gradient(90deg, ${stops})`;
  }
  document.addEventListener('change', (event) => {
    if (event.target.matches('.palettes input')) repaint(one('.px', event.target.closest('.card')), colors(event.target));
  });
  for (const only of all('.palettes')) if (all('input', only).length === 1) only.hidden = true;

  // One sound at a time.
  let playing = null;
  const showPlaying = (sample, is) => {
    const button = one('.play', sample);
    sample.classList.toggle('playing', is);
    button.setAttribute('aria-pressed', String(is));
  };
  for (const sample of all('.sample')) {
    const button = one('.play', sample), audio = one('audio', sample), wave = one('.wave', sample);
    if (!button) continue;
    audio.controls = false;
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', () => {
      if (playing === audio && !audio.paused) return audio.pause();
      if (playing) playing.pause();
      playing = audio;
      if (audio.ended) audio.currentTime = 0;
      audio.play().catch(() => { one('.about', sample).append(' (this browser does not play it)'); });
    });
    const follow = () => {
      if (wave && audio.duration) wave.style.setProperty('--at', audio.currentTime / audio.duration);
      if (!audio.paused) requestAnimationFrame(follow);
    };
    audio.addEventListener('play', () => { showPlaying(sample, true); follow(); });
    for (const end of ['pause', 'ended']) audio.addEventListener(end, () => showPlaying(sample, false));
  }

  const toAnchor = document.getElementById(location.hash.slice(1));
  if (toAnchor) go(toAnchor);
  else recall();
  addEventListener('hashchange', recall);
})();
