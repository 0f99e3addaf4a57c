// The chart by hand: what is under the cursor, layers, and time. Without this file the page shows
// the same as a picture with links. Colours come from chart.css, words from the page.

const SIDE = 256;
const MARGIN = 6; // cells around the chart: svg.rs has the same
const LIVE = ["history", "time-wait", "outgoing", "listening"]; // drawn here, from the bottom up
const PART = { "time-wait": "time_wait" }; // where the data has another name

const sheet = document.getElementById("chart");
const form = document.querySelector(".chart-tools");
if (sheet && form) start();

// The Hilbert curve, as in hilbert.rs.
function cellOf(port) {
  let x = 0, y = 0;
  for (let side = 1, rest = port; side < SIDE; side *= 2, rest >>= 2) {
    const quarter = rest & 3;
    const right = quarter >= 2, lower = quarter === 1 || quarter === 2;
    if (!lower) {
      if (right) [x, y] = [side - 1 - x, side - 1 - y];
      [x, y] = [y, x];
    }
    if (right) x += side;
    if (lower) y += side;
  }
  return [x, y];
}

function portAt(x, y) {
  let port = 0;
  for (let bit = 7; bit >= 0; bit--) {
    const right = x >> bit & 1, lower = y >> bit & 1;
    port += (lower ? (right ? 2 : 1) : (right ? 3 : 0)) * 4 ** bit;
    if (!lower) {
      if (right) [x, y] = [255 - x, 255 - y];
      [x, y] = [y, x];
    }
  }
  return port;
}

function start() {
  const words = sheet.dataset;
  const canvas = document.createElement("canvas");
  const tip = document.createElement("output");
  const range = form.querySelector("input[type=range]");
  const said = form.querySelector(".chart-moment");
  const now = form.querySelector(".chart-now");
  const unknown = form.querySelector(".chart-unknown");
  const picture = drawn();
  let data = null, names = {}, owners = new Map(), ports = {};
  let cursor = null; // a port
  let at = "past" in words ? Number(words.at) : null; // milliseconds, or null for now
  let asked = 0;
  let touched = null; // what a finger saw last
  let lit = null; // the listeners that the picture shows
  let missing = false; // whether it is not known who held a port then
  const isOn = (layer) => form.querySelector(`input[value="${layer}"]`)?.checked ?? true;
  const first = () => [...(ports.listening ?? [])][0] ?? 0;

  prepare();
  painted.then(() => {
    fetchChart();
    fetch("/chart/names.json").then((answer) => answer.json()).then((read) => { names = read; });
    follow();
  });

  // The picture of a page without scripts. Drawing it takes longer than all else: it is shown after the
  // page was, and once, when it is known who listens.
  function drawn() {
    const holder = document.createElement("template");
    holder.innerHTML = sheet.querySelector("noscript").textContent;
    return holder.content.querySelector("picture");
  }

  function prepare() {
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", `${words.label}. ${words.keys}`);
    tip.className = "chart-tip";
    tip.setAttribute("aria-live", "polite");
    sheet.append(canvas, tip);
    form.querySelector(".chart-apply").hidden = true;
    new ResizeObserver(draw).observe(sheet);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    new MutationObserver(() => { still(); draw(); }).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") point(event, 2.5);
    });
    canvas.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "touch") hide(); // a finger that lifts has not gone away
    });
    canvas.addEventListener("click", click);
    canvas.addEventListener("keydown", key);
    canvas.addEventListener("focus", () => { if (cursor === null && canvas.matches(":focus-visible")) show(first()); });
    canvas.addEventListener("blur", () => hide());
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", (event) => {
      if (event.target.name === "layer") { still(); draw(); }
      if (event.target.name === "at") typed(event.target);
    });
    if (range) slide();
  }

  // The picture under the canvas has what seldom changes: land and sea, and the listeners with their
  // names. Whoever switched the colours has them switched here too.
  function still() {
    const layers = ["territories", "ephemeral", "assigned", "listening"].filter(isOn).join(",") || "none";
    const theme = document.documentElement.dataset.theme;
    for (const image of picture.children) {
      const name = image.localName === "img" ? "src" : "srcset";
      const url = new URL(image.getAttribute(name), location.href);
      const night = theme ? theme === "night" : /dark/.test(image.media ?? "");
      url.searchParams.set("layers", layers);
      if (night) url.searchParams.set("night", "1"); else url.searchParams.delete("night");
      if (at === null) url.searchParams.delete("at"); else url.searchParams.set("at", new Date(at).toISOString());
      if (lit !== null) url.searchParams.set("lit", lit);
      const next = url.pathname + url.search;
      if (image.getAttribute(name) !== next) image.setAttribute(name, next);
    }
    if (!picture.isConnected) sheet.prepend(picture);
  }

  // A number that is another one for other listeners, so that the picture is loaded again.
  function sum(set) {
    let sum = set.size;
    for (const port of set) sum = (Math.imul(sum, 31) + port) >>> 0;
    return sum;
  }

  async function fetchChart() {
    const mine = ++asked;
    const query = at === null ? "" : `?at=${new Date(at).toISOString()}`;
    try {
      const answer = await fetch(`/api/v1/chart${query}`);
      if (mine !== asked) return;
      if (!answer.ok) { unknown.textContent = await refusal(answer); still(); return; }
      take(await answer.json());
    } catch {
      // The service is gone or busy: what is shown stays, and the next event tries again.
      still();
    }
  }

  // Why there is no answer, in the API's words.
  async function refusal(answer) {
    const text = await answer.text();
    try {
      return JSON.parse(text).error ?? text;
    } catch {
      return text;
    }
  }

  function take(read) {
    data = read;
    ports = {};
    for (const layer of LIVE) ports[layer] = new Set(spread(data[PART[layer] ?? layer]));
    owners = new Map();
    for (const owner of data.owners) {
      const known = owners.get(owner.port) ?? [];
      owners.set(owner.port, [...known, owner]);
    }
    const hides = (gap) => gap.reason !== "sampled" && Date.parse(gap.from) <= at && (gap.until === null || at < Date.parse(gap.until));
    missing = at !== null && (data.since === null || at < Date.parse(data.since) || data.gaps.some(hides));
    unknown.textContent = missing ? words.missing : "";
    const listeners = sum(ports.listening);
    if (lit !== listeners || at !== null) { lit = listeners; still(); }
    draw();
    if (cursor !== null) tell();
  }

  function* spread(runs) {
    for (const run of runs) {
      if (typeof run === "number") yield run;
      else for (let port = run[0]; port <= run[1]; port++) yield port;
    }
  }

  // Drawing.

  function draw() {
    if (!data) return;
    const size = sheet.clientWidth, scale = devicePixelRatio || 1;
    const pixels = Math.round(size * scale);
    if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
    const context = canvas.getContext("2d");
    const cell = pixels / (SIDE + 2 * MARGIN);
    context.setTransform(cell, 0, 0, cell, MARGIN * cell, MARGIN * cell);
    context.clearRect(-MARGIN, -MARGIN, SIDE + 2 * MARGIN, SIDE + 2 * MARGIN);
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--chart-${name}`).trim();
    const larger = size < 600 ? 1.6 : 1; // a cell of a phone is a pixel and a half
    const dots = (layer, radius, alpha) => {
      context.globalAlpha = alpha;
      context.beginPath();
      for (const port of ports[layer]) {
        const [x, y] = cellOf(port);
        context.moveTo(x + 0.5 + radius, y + 0.5);
        context.arc(x + 0.5, y + 0.5, radius, 0, 7);
      }
      context.fill();
      context.globalAlpha = 1;
    };
    for (const layer of LIVE.filter(isOn)) {
      context.fillStyle = colour(layer);
      if (layer === "history") squares(context, ports.history);
      if (layer === "time-wait") dots(layer, 0.75 * larger, 1);
      if (layer === "outgoing") dots(layer, 0.85 * larger, 1);
      if (layer === "listening") {
        dots(layer, 2.7 * larger, 0.28);
        context.fillStyle = colour("paper");
        dots(layer, 1.45 * larger, 1);
        context.fillStyle = colour("listening");
        dots(layer, 1.05 * larger, 1);
      }
    }
    if (cursor !== null) ring(context, style.getPropertyValue("--ink").trim(), larger);
  }

  function squares(context, set) {
    context.globalAlpha = 0.6;
    for (const port of set) {
      const [x, y] = cellOf(port);
      context.fillRect(x, y, 1, 1);
    }
    context.globalAlpha = 1;
  }

  function ring(context, ink, larger) {
    const [x, y] = cellOf(cursor);
    context.strokeStyle = ink;
    context.lineWidth = 0.5 * larger;
    context.beginPath();
    context.arc(x + 0.5, y + 0.5, 3.6 * larger, 0, 7);
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 0.5 + dx * 3.6 * larger, y + 0.5 + dy * 3.6 * larger);
      context.lineTo(x + 0.5 + dx * 6 * larger, y + 0.5 + dy * 6 * larger);
    }
    context.stroke();
  }

  // The cursor.

  function point(event, reach) {
    const box = canvas.getBoundingClientRect();
    const place = (value, length) => Math.floor(value / length * (SIDE + 2 * MARGIN) - MARGIN);
    const x = place(event.clientX - box.left, box.width), y = place(event.clientY - box.top, box.height);
    if (x < 0 || y < 0 || x >= SIDE || y >= SIDE) { hide(); return null; }
    const port = nearest(x, y, reach) ?? portAt(x, y);
    if (port !== cursor) show(port);
    return port;
  }

  // The closest listener within reach: cells are small, and lights are larger than they.
  function nearest(x, y, reach) {
    let best = null, least = reach * reach + 0.01;
    if (!isOn("listening")) return null;
    for (const port of ports.listening ?? []) {
      const [a, b] = cellOf(port), away = (a - x) ** 2 + (b - y) ** 2;
      if (away < least) [best, least] = [port, away];
    }
    return best;
  }

  function click(event) {
    const touch = event.pointerType === "touch";
    const cells = (SIDE + 2 * MARGIN) / canvas.clientWidth;
    const port = point(event, touch ? 14 * cells : 2.5);
    if (port === null) return;
    // A finger first sees what is there, and opens it with a second touch.
    if (touch && touched !== port) { touched = port; return; }
    open(port);
  }

  function open(port) { location.assign(`/ports/${port}`); }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const port = cursor ?? first(), [x, y] = cellOf(port);
    const far = event.shiftKey ? 16 : 1;
    const to = (a, b) => portAt(Math.min(255, Math.max(0, a)), Math.min(255, Math.max(0, b)));
    const steps = {
      ArrowLeft: () => to(x - far, y), ArrowRight: () => to(x + far, y),
      ArrowUp: () => to(x, y - far), ArrowDown: () => to(x, y + far),
      PageUp: () => Math.max(0, port - 1), PageDown: () => Math.min(65535, port + 1),
      Home: () => 0, End: () => 65535,
      n: () => next(port, 1), N: () => next(port, -1),
    };
    if (event.key === "Enter") { event.preventDefault(); open(port); return; }
    if (event.key === "Escape") { hide(); return; }
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    show(step());
  }

  function next(port, way) {
    const all = [...(ports.listening ?? [])].sort((a, b) => (a - b) * way);
    return all.find((other) => (other - port) * way > 0) ?? all[0] ?? port;
  }

  function show(port) { cursor = port; draw(); tell(); }
  function hide() { if (cursor === null) return; cursor = null; touched = null; tip.replaceChildren(); draw(); }

  function tell() {
    const number = document.createElement("b");
    number.textContent = cursor;
    const land = cursor < 1024 ? words.system : cursor < 49152 ? words.user : words.dynamic;
    const lines = [names[cursor] ?? (cursor < 49152 ? words.unassigned : ""), land];
    const given = data?.ephemeral;
    if (given && given.first <= cursor && cursor <= given.last) lines.push(words.ephemeral);
    tip.replaceChildren(number, ` ${lines.filter(Boolean).join(" · ")}`, document.createElement("br"), held());
    place();
  }

  function held() {
    const layers = LIVE.filter((layer) => ports[layer]?.has(cursor)).reverse();
    if (layers.length === 0) return missing ? words.missing : words.free;
    const name = (layer) => form.querySelector(`input[value="${layer}"]`).closest("label").innerText.trim();
    const who = (owners.get(cursor) ?? []).map((owner) => owner.who);
    return [layers.map(name).join(", "), [...new Set(who)].join(", ")].filter(Boolean).join(": ");
  }

  function place() {
    const [x, y] = cellOf(cursor), size = sheet.clientWidth;
    const middle = (value) => (value + 0.5 + MARGIN) / (SIDE + 2 * MARGIN) * size;
    const left = Math.min(Math.max(0, middle(x) - tip.offsetWidth / 2), size - tip.offsetWidth);
    const above = middle(y) - tip.offsetHeight - 18;
    tip.style.left = `${left}px`;
    tip.style.top = `${above >= 0 ? above : middle(y) + 18}px`;
  }

  // Time.

  function slide() {
    form.querySelector(".chart-slide").hidden = false;
    form.querySelector(".chart-typed").hidden = true;
    const since = Number(words.since);
    const span = () => Date.now() - since;
    if (at !== null) range.value = Math.round((at - since) / span() * 1000);
    let soon;
    range.addEventListener("input", () => {
      at = Number(range.value) >= 1000 ? null : Math.round(since + span() * range.value / 1000);
      sayMoment();
      clearTimeout(soon);
      soon = setTimeout(fetchChart, 120);
    });
    now.addEventListener("click", () => { range.value = 1000; at = null; sayMoment(); fetchChart(); });
    sayMoment();
  }

  function sayMoment() {
    const text = at === null ? words.live : new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" });
    said.textContent = text;
    range.setAttribute("aria-valuetext", text);
    now.hidden = at === null;
  }

  function typed(field) {
    const read = field.value.trim() === "" ? null : Date.parse(field.value);
    if (Number.isNaN(read)) return;
    at = read;
    fetchChart();
  }

  // What is live comes by server-sent events, at most twice a second; a page in the background waits.
  function follow() {
    let due = false;
    const soon = () => {
      if (due || at !== null || document.hidden) return;
      due = true;
      setTimeout(() => { due = false; if (at === null) fetchChart(); }, 500);
    };
    let events = null;
    const begin = () => {
      if (events || document.hidden) return;
      events = new EventSource("/chart/live");
      for (const name of ["message", "chart", "look", "changed"]) events.addEventListener(name, soon);
    };
    // A browser has six connections to a service: what nobody sees takes none.
    const stop = () => { events?.close(); events = null; };
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return stop();
      begin();
      soon();
    });
    addEventListener("pagehide", stop);
    addEventListener("pageshow", begin);
    begin();
  }
}
