// A visit to the service: a page that is watched for everything that must not happen on any.
import assert from "node:assert/strict";
import { HOME, axeSource, browser } from "./world.mjs";

/** Runs `look` with a page of a browser profile of its own; complains of what went wrong on it. */
export async function visit(look, options = {}) {
  const context = await browser.newContext({
    baseURL: HOME, viewport: { width: 1280, height: 900 }, locale: "en", reducedMotion: "reduce", ...options,
  });
  const wrong = [];
  context.on("page", (page) => watch(page, wrong));
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000); page.setDefaultNavigationTimeout(60_000);
    const said = await look(page, context);
    assert.deepEqual(wrong, [], "something went wrong on a page");
    return said;
  } catch (error) {
    if (wrong.length && !error.message.startsWith("something")) error.message += `; and ${wrong.join("; ")}`;
    throw error;
  } finally {
    await context.close();
  }
}

/** Notes dialogs, errors of scripts, refusals by the policy, and requests to anybody else. */
function watch(page, wrong) {
  page.on("dialog", (dialog) => {
    wrong.push(`a dialog on ${page.url()}: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("pageerror", (error) => wrong.push(`an error on ${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    // That a page that does not exist is answered with 404 is noted by the browser as an error.
    const expected = /status of 40[34]/.test(message.text()) && message.location().url === page.url();
    if (["error", "warning"].includes(message.type()) && !expected) {
      wrong.push(`the console on ${page.url()}: ${message.text()} (${message.location().url})`);
    }
  });
  page.on("request", (request) => {
    if (!/^(data:|blob:)/.test(request.url()) && !request.url().startsWith(`${HOME}/`)) {
      wrong.push(`a request to ${request.url()}`);
    }
  });
}

/** Goes to a page, and waits until what it loads is there, also after its first paint; streams go on. */
export async function open(page, path) {
  const answer = await page.goto(path, { waitUntil: "load" });
  await page.evaluate(() => document.fonts.ready.then(() => null));
  if (await page.evaluate(() => "painted" in globalThis)) {
    await page.evaluate(() => painted.then(() => null));
    await page.waitForFunction(() => !document.querySelector("a[data-load]"));
  }
  return answer;
}

/** What reaches beyond the sides of the window, and would have to be scrolled to. */
export async function overflow(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const scrolls = (element) => {
      for (let it = element.parentElement; it && it !== document.body; it = it.parentElement) {
        if (getComputedStyle(it).overflowX !== "visible") return true;
      }
      return false;
    };
    const out = [...document.body.querySelectorAll("*")].filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 0 && (box.right > root.clientWidth + 1 || box.left < -1) && !scrolls(element);
    });
    const name = (element) => `${element.localName}${element.id ? `#${element.id}` : ""}.${element.className}`;
    return [`${root.scrollWidth} px of ${root.clientWidth}`, ...out.slice(-4).map(name)];
  });
}

/** The serious and critical faults that axe-core finds, a line each. */
export async function faults(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const grave = found.violations.filter((it) => ["serious", "critical"].includes(it.impact));
  return grave.flatMap((it) => it.nodes.map((node) => {
    const why = node.any.concat(node.all, node.none).map((check) => check.message).join("; ");
    return `${it.id} at ${node.target.join(" ")}: ${why}`.slice(0, 400);
  }));
}

/** Every kind of page that there is. */
export const PAGES = [
  "/", "/ports/22", "/ports/60440", "/ports/53/udp", "/ports/0", "/ports/45200", "/ports/45300",
  "/ports/abc", "/ports/70000", "/nowhere", "/list", "/list?listening=on&sort=process", "/list?port=oops",
  "/watch", "/room", "/doctor", "/leases", "/search", "/search?q=postgres", "/search?q=zzzzzz", "/feedback", "/sign-in",
  `/search?q=${"x".repeat(200)}`, `/ports/${"x".repeat(73)}`,
];

export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
/** As narrow as phones are. */
export const SMALL = { ...PHONE, viewport: { width: 320, height: 640 } };
