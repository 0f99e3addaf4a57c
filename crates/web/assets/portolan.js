// What pages do better with JavaScript. Each works without.
"use strict";

(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // What a page asks for by itself waits until the page has been seen: it would hold up its painting.
  // Where nobody tells of paints, it waits a while.
  globalThis.painted = new Promise((begin) => {
    new PerformanceObserver(begin).observe({ type: "paint", buffered: true });
    setTimeout(begin, 1000);
  });

  // Markup comes from this service alone, escaped there.
  const put = (element, html) => {
    const focused = document.activeElement && document.activeElement.id;
    element.innerHTML = html;
    if (focused && one(`#${CSS.escape(focused)}`, element)) one(`#${CSS.escape(focused)}`, element).focus();
  };

  // A browser has six connections to a service, and a stream takes one: what nobody sees needs none.
  // Whoever comes back, from another tab or another page, is told anew.
  const whileSeen = (url, hear) => {
    let events = null;
    const open = () => {
      if (events || document.hidden) return;
      events = new EventSource(url);
      hear(events);
    };
    const close = () => { if (events) events.close(); events = null; };
    document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
    addEventListener("pagehide", close);
    addEventListener("pageshow", open);
    open();
  };

  painted.then(() => {
    all("[data-follow]").forEach(follow);
    all("[data-watch]").forEach(watch);
    for (const link of all("a[data-load]")) link.click();
    if (navigator.clipboard) all("[data-copy] pre.command").forEach(offerCopy);
  });

  // A part of the page that a stream of events keeps as it is now.
  function follow(part) {
    let shown = null;
    whileSeen(part.dataset.follow, (events) => {
      events.addEventListener(part.dataset.event, (event) => {
        part.dataset.state = "live";
        if (event.data === shown) return;
        const first = shown === null;
        shown = event.data;
        if (!first || part.innerHTML.trim() !== event.data.trim()) put(part, event.data);
        part.classList.toggle("changed", false);
        if (!first && part.dataset.calm === undefined) {
          void part.offsetWidth;
          part.classList.toggle("changed", true);
        }
      });
      events.onerror = () => { part.dataset.state = "lost"; };
    });
  }

  // What happens, a row each. Where the stream ends, or cannot be had, the page says that it is not live and
  // asks again: after three seconds, and ever more seldom while that is in vain.
  function watch(table) {
    const [soon, late, rows] = [3_000, 60_000, 500];
    const body = one("tbody", table);
    const state = one("[data-state]");
    let events = null;
    let wait = soon;
    let timer = 0;
    let opened = null;
    let before = false;
    const say = (text) => { state.textContent = text; };
    const close = () => {
      clearTimeout(timer);
      if (events) events.close();
      events = null;
    };
    const again = (why) => {
      close();
      say(why);
      // One that was there for a while did not fail at once.
      if (opened !== null && Date.now() - opened > late) wait = soon;
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, late);
    };
    function open() {
      if (events) return;
      clearTimeout(timer);
      opened = null;
      events = new EventSource(table.dataset.watch);
      events.onopen = () => {
        say(before ? state.dataset.again : state.dataset.state);
        before = true;
        opened = Date.now();
      };
      events.onerror = () => again(state.dataset.lost);
      events.addEventListener("happened", (event) => {
        body.insertAdjacentHTML("afterbegin", event.data);
        while (body.rows.length > rows) body.deleteRow(-1);
      });
      events.addEventListener("missed", (event) => say(event.data));
      events.addEventListener("trouble", (event) => again(event.data));
    }
    addEventListener("pagehide", close);
    addEventListener("pageshow", open);
    open();
  }

  // Links that change a part of the page alone: the line of time.
  const load = async (part, url) => {
    const answer = await fetch(url);
    if (!answer.ok) return false;
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    const fresh = one(`#${CSS.escape(part.id)}`, holder.content);
    if (fresh) part.replaceWith(fresh);
    return Boolean(fresh);
  };
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-swap], a[data-load]");
    const part = link && link.closest("[data-part]");
    if (!part || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const text = link.textContent;
    if (!(await load(part, link.href))) { location.href = link.href; return; }
    if (link.dataset.swap !== undefined) history.replaceState(null, "", link.href);
    const again = all(`#${CSS.escape(part.id)} a`).find((it) => it.textContent === text);
    if (again) again.focus({ preventScroll: true });
  });

  // A button to copy a command; without JavaScript there is none to miss.
  function offerCopy(command) {
    const words = command.closest("[data-copy]").dataset;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = words.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(command.textContent.trim());
      button.textContent = words.copied;
      setTimeout(() => { button.textContent = words.copy; }, 1500);
    });
    command.insertAdjacentElement("afterend", button);
  }

  // Search while one types.
  const form = one("form.search");
  if (form) {
    const input = one("input", form);
    const list = document.createElement("div");
    list.className = "instant";
    list.hidden = true;
    list.setAttribute("aria-live", "polite");
    form.append(list);
    let asked = 0;
    let timer = 0;
    const hide = () => { list.hidden = true; };
    const find = async () => {
      const turn = ++asked;
      const text = input.value.trim();
      if (!text) return hide();
      const answer = await fetch(`/search/instant?q=${encodeURIComponent(text)}`);
      if (!answer.ok || turn !== asked) return;
      list.innerHTML = await answer.text();
      list.hidden = false;
    };
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(find, 60); });
    form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) hide(); });
    form.addEventListener("keydown", (event) => {
      const links = all("a", list);
      const at = links.indexOf(document.activeElement);
      if (event.key === "Escape") { hide(); input.focus(); }
      if (list.hidden || !links.length) return;
      if (event.key === "ArrowDown") { event.preventDefault(); links[Math.min(at + 1, links.length - 1)].focus(); }
      if (event.key === "ArrowUp") { event.preventDefault(); (at > 0 ? links[at - 1] : input).focus(); }
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key === "/" && !typing) { event.preventDefault(); input.focus(); }
    });
  }

  // A vote without leaving the page.
  for (const vote of all("form[data-vote]")) {
    const said = one("[role=status]", vote);
    vote.addEventListener("submit", async (event) => {
      const button = event.submitter;
      if (!button) return;
      event.preventDefault();
      const body = new URLSearchParams(new FormData(vote));
      body.set("face", button.value);
      let kept = false;
      try {
        const answer = await fetch(vote.action, { method: "POST", body, redirect: "manual" });
        kept = answer.ok || answer.type === "opaqueredirect";
      } catch { /* said below */ }
      said.textContent = kept ? said.dataset.thanks : said.dataset.failed;
      if (!kept) return;
      for (const face of all("button[name=face]", vote)) {
        face.setAttribute("aria-pressed", String(face === button));
      }
    });
  }

  // Where one is.
  for (const link of all(".top nav a")) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
  }

  // Day or night: as the system has it, until somebody chooses.
  const root = document.documentElement;
  const button = one("button[data-theme-switch]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const dark = matchMedia("(prefers-color-scheme: dark)").matches;
      const now = root.dataset.theme || (dark ? "night" : "day");
      root.dataset.theme = now === "night" ? "day" : "night";
      // The service writes it into every page.
      document.cookie = `portolan_theme=${root.dataset.theme}; Path=/; Max-Age=31536000; SameSite=Lax`;
    });
  }
})();
