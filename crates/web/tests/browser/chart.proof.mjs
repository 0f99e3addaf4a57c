// The chart: under the cursor, by keyboard, live, and back in time through what was recorded.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EVIL, PAST, eventually, listen } from "./world.mjs";
import { open, visit } from "./visit.mjs";

const tip = (page) => page.locator(".chart-tip").innerText();

/** Waits until the chart has been told what is so; says what listens. */
const told = (page, query = "") => page.waitForResponse((answer) => {
  const url = new URL(answer.url());
  return url.pathname === "/api/v1/chart" && url.search.startsWith(query) && answer.ok();
});
const listening = async (answer) => {
  const runs = (await (await answer).json()).listening;
  return new Set(runs.flatMap((run) => (typeof run === "number" ? [run] : Array.from({ length: run[1] - run[0] + 1 }, (_, at) => run[0] + at))));
};

describe("the chart", () => {
  test("says what is under the cursor, and opens it", () => visit(async (page) => {
    const ready = told(page);
    await open(page, "/");
    assert.ok((await listening(ready)).has(EVIL.port));
    await page.focus("#chart canvas");
    await page.keyboard.press("Home");
    await eventually("port 0 is told", async () => /^0\b/.test(await tip(page)));
    await page.keyboard.press("ArrowRight");
    const beside = Number((await tip(page)).match(/^\d+/)[0]);
    assert.ok(beside > 0 && beside < 4, `beside 0 lies ${beside}`);
    // To the same place with a mouse.
    await page.keyboard.press("Home");
    const box = await page.locator("#chart canvas").boundingBox();
    // In the middle of a cell, not where four meet.
    const [x, y] = [box.x + box.width * 0.502, box.y + box.height * 0.502];
    await page.mouse.move(x, y);
    const middle = Number((await tip(page)).match(/^\d+/)[0]);
    await page.mouse.click(x, y);
    await page.waitForURL(`**/ports/${middle}`);
  }));

  test("is walked by keyboard", () => visit(async (page) => {
    const ready = told(page);
    await open(page, "/");
    const all = await listening(ready);
    await page.focus("#chart canvas");
    await page.keyboard.press("End");
    await page.keyboard.press("n");
    const first = Number((await tip(page)).match(/^\d+/)[0]);
    assert.equal(first, Math.min(...all), "N goes to the next listener");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/ports/${first}`);
  }));

  test("shows a new listener within a second or two", () => visit(async (page) => {
    await open(page, "/");
    await page.waitForTimeout(1500);
    const port = 45_130;
    const seen = page.waitForResponse(async (answer) => new URL(answer.url()).pathname === "/api/v1/chart" && (await listening(answer)).has(port));
    const begun = performance.now();
    const server = await listen(port);
    await seen;
    const took = performance.now() - begun;
    await server.close();
    console.log(`the chart has a new listener after ${Math.round(took)} ms`);
    assert.ok(took < 2000, `it took ${Math.round(took)} ms`);
  }));

  test("moves back to what was recorded, and to now", () => visit(async (page) => {
    await open(page, "/");
    const slider = page.locator(".chart-slide input[type=range]");
    await slider.waitFor();
    const since = Number(await page.getAttribute("#chart", "data-since"));
    const middle = (PAST.from + PAST.until) / 2;
    const share = Math.round((middle - since) / (Date.now() - since) * 1000);
    const then = told(page, "?at=");
    await slider.evaluate((range, value) => {
      range.value = value;
      range.dispatchEvent(new Event("input", { bubbles: true }));
    }, share);
    const answer = await then;
    const at = Date.parse(new URL(answer.url()).searchParams.get("at"));
    assert.ok(PAST.from < at && at < PAST.until, `the slider is at ${at}: within ${PAST.from} and ${PAST.until}`);
    assert.ok((await listening(answer)).has(PAST.port), "it listened then");
    assert.notEqual(await page.locator(".chart-moment").innerText(), "live");
    const again = told(page);
    await page.click(".chart-now");
    assert.ok(!(await listening(again)).has(PAST.port), "it does not now");
  }));

  test("does not say that nobody held a port when nothing was recorded", () => visit(async (page) => {
    const ready = told(page, "?at=");
    await open(page, "/?at=2020-01-01T00:00:00Z");
    await ready;
    await page.focus("#chart canvas");
    await page.keyboard.press("End");
    await eventually("the last port is told", async () => /^65535\b/.test(await tip(page)));
    assert.match(await tip(page), /was not recorded/);
    assert.match(await page.locator("main section").first().innerText(), /was not recorded/);
  }));

  test("moves by keyboard, too", () => visit(async (page) => {
    await open(page, "/");
    const slider = page.locator(".chart-slide input[type=range]");
    await slider.focus();
    const then = told(page, "?at=");
    await page.keyboard.press("Home");
    await then;
    assert.notEqual(await slider.getAttribute("aria-valuetext"), "live");
  }));

  test("has layers that are switched", () => visit(async (page) => {
    await open(page, "/");
    const layers = page.locator('.chart-tools input[name="layer"]');
    assert.ok((await layers.count()) >= 6);
    // Of what is drawn lights alone are red.
    const red = () => page.locator("#chart canvas").evaluate((canvas) => {
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        count += data[at + 3] > 200 && data[at] > 150 && data[at + 1] < 90 && data[at + 2] < 100;
      }
      return count;
    });
    await eventually("lights are drawn", async () => (await red()) > 10);
    await page.locator('.chart-tools input[value="listening"]').uncheck();
    await eventually("they are out", async () => (await red()) === 0);
    await page.locator('.chart-tools input[value="listening"]').check();
    await eventually("they are lit again", async () => (await red()) > 10);
  }));

  test("moves back without JavaScript", () => visit(async (page) => {
    const at = new Date((PAST.from + PAST.until) / 2).toISOString();
    await page.goto("/");
    assert.equal(await page.locator(`main a[href="/ports/${PAST.port}"]`).count(), 0);
    await page.fill('.chart-typed input[name="at"]', at);
    await page.click(".chart-apply");
    assert.ok(await page.locator(`main a[href="/ports/${PAST.port}"]`).count(), "it listened then");
  }, { javaScriptEnabled: false }));
});
