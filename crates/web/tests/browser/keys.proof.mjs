// By keyboard alone: everything is reached, everything that is reached shows it, and everything works.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { open, visit } from "./visit.mjs";

/** What can be operated on a page, as the browser sees it; each gets a number. */
const number = (page) => page.evaluate(() => {
  const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]");
  const seen = [...all].filter((it) => !it.disabled && it.tabIndex >= 0 && it.type !== "hidden" && it.checkVisibility({ visibilityProperty: true }));
  seen.forEach((it, at) => { it.dataset.reached = String(at); });
  return seen.length;
});

/** What has the focus: its number, what it is, and whether that can be seen. */
const focused = (page) => page.evaluate(() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const style = getComputedStyle(it), box = it.getBoundingClientRect();
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1.5;
  const inside = box.bottom > 0 && box.top < innerHeight && box.width > 0 && box.height > 0;
  const name = `${it.localName} ${(it.textContent || it.getAttribute("aria-label") || it.name || "").trim().slice(0, 40)}`;
  return { at: it.dataset.reached, shows: (outlined || style.boxShadow !== "none") && inside, name };
});

/** Tabs until `wanted` has the focus. */
async function tabTo(page, wanted) {
  for (let step = 0; step < 300; step++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, wanted)) return;
  }
  assert.fail(`${wanted} is not reached`);
}

describe("by keyboard", () => {
  for (const path of ["/", "/ports/60440", "/list?listening=on", "/watch", "/room", "/doctor", "/search?q=ssh", "/feedback"]) {
    test(`everything on ${path} is reached, and shows it`, () => visit(async (page) => {
      // What came to life meanwhile would have to be counted anew.
      await page.addInitScript(() => { window.EventSource = class { addEventListener() {} close() {} }; });
      await open(page, path);
      const many = await number(page);
      const reached = new Set(), hidden = [];
      for (let step = 0; step < many + 5; step++) {
        await page.keyboard.press("Tab");
        const it = await focused(page);
        if (!it) break;
        if (it.at !== undefined) reached.add(it.at);
        if (!it.shows) hidden.push(it.name);
      }
      assert.deepEqual(hidden, [], "the focus is seen");
      assert.ok(reached.size >= many - 1, `${reached.size} of ${many} are reached`);
    }));
  }

  test("the first key leads past the head of the page", () => visit(async (page) => {
    await open(page, "/ports/22");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "content");
  }));

  test("a port is searched for, opened and voted on", () => visit(async (page) => {
    await open(page, "/");
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "search");
    await page.keyboard.type("ssh");
    await page.waitForSelector('.instant a[href="/ports/22"]');
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/ports/22");
    await tabTo(page, 'button[name="face"][value="glad"]');
    await page.keyboard.press("Space");
    await page.waitForSelector('button[value="glad"][aria-pressed="true"]');
  }));

  test("the colours are switched", () => visit(async (page) => {
    await open(page, "/list");
    await tabTo(page, "[data-theme-switch]");
    await page.keyboard.press("Enter");
    assert.equal(await page.getAttribute("html", "data-theme"), "night");
  }));
});
