// Whoever comes, however: by keyboard, on a phone, at night, without JavaScript, in Urdu.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PAGES, PHONE, SMALL, faults, open, overflow, visit } from "./visit.mjs";

const URDU = { locale: "ur" };
const NIGHT = { colorScheme: "dark" };

/** How light a page's ground is, from 0 to 1. */
const lightness = (page) => page.evaluate(() => {
  const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
});

describe("every page", () => {
  for (const [name, options] of [
    ["a screen", {}], ["a phone", PHONE], ["a screen in Urdu", URDU], ["a phone in Urdu", { ...PHONE, ...URDU }],
    ["a phone in German", { ...PHONE, locale: "de" }], ["a phone of 360 pixels", { ...PHONE, viewport: { width: 360, height: 740 } }],
    ["the smallest phone", SMALL],
  ]) {
    test(`fits ${name}`, () => visit(async (page) => {
      const wide = {};
      for (const path of PAGES) {
        await open(page, path);
        const out = await overflow(page);
        if (out.length) wide[path] = out;
      }
      assert.deepEqual(wide, {});
    }, options));
  }

  for (const [name, options] of [
    ["by day", {}], ["at night", NIGHT], ["in Urdu by day", URDU], ["in Urdu at night", { ...URDU, ...NIGHT }],
  ]) {
    test(`has no serious fault of accessibility ${name}`, () => visit(async (page) => {
      const found = {};
      for (const path of PAGES) {
        await open(page, path);
        for (const fault of await faults(page)) (found[fault] ??= []).push(path);
      }
      assert.deepEqual(found, {});
    }, options));
  }
});

describe("languages", () => {
  test("Urdu is chosen at the foot, kept, and mirrors the page", () => visit(async (page) => {
    const place = (selector) => page.locator(selector).first().boundingBox();
    await open(page, "/ports/60440");
    assert.equal(await page.getAttribute("html", "dir"), "ltr");
    const [name, heading] = [await place("header.top .name"), await place("h1")];
    await page.click('footer a[lang="ur"]');
    await page.waitForLoadState("load");
    assert.equal(await page.getAttribute("html", "lang"), "ur");
    assert.equal(await page.getAttribute("html", "dir"), "rtl");
    const mirrored = await place("header.top .name");
    const width = await page.evaluate(() => document.documentElement.clientWidth);
    const aside = Math.abs(width - (mirrored.x + mirrored.width) - name.x);
    assert.ok(aside < 4, `the name is ${aside} px from where a mirror shows it`);
    const other = await place("h1");
    assert.ok(Math.abs(width - (other.x + other.width) - heading.x) < 4, "the heading begins on the right");
    assert.match(await page.locator("h1").innerText(), /[\u0600-\u06ff]/, "in Urdu");
    await open(page, "/list?port=7678");
    assert.equal(await page.getAttribute("html", "lang"), "ur", "it is kept");
    await page.click('footer a[lang="de"]');
    await page.waitForLoadState("load");
    assert.equal(await page.inputValue('.filters input[name="port"]'), "7678", "what was asked for stays");
    await page.click('footer a[lang="ur"]');
    await page.waitForLoadState("load");
    const addresses = await page.locator('main td bdi[dir="ltr"]').count();
    assert.ok(addresses > 0, "addresses are read from the left");
  }));

  test("a browser's own languages are heard", async () => {
    for (const [locale, lang] of [["ur-PK", "ur"], ["es-MX", "es"], ["de", "de"], ["zh-CN", "zh"], ["fr", "en"]]) {
      await visit(async (page) => {
        await open(page, "/ports/22");
        assert.equal(await page.getAttribute("html", "lang"), lang, locale);
      }, { locale });
    }
  });
});

describe("day and night", () => {
  test("as the system has it", async () => {
    for (const [options, dark] of [[{}, false], [NIGHT, true]]) {
      await visit(async (page) => {
        for (const path of ["/", "/ports/60440", "/list"]) {
          await open(page, path);
          assert.equal((await lightness(page)) < 0.25, dark, path);
        }
      }, options);
    }
  });

  test("until somebody chooses, and that is kept", () => visit(async (page) => {
    await open(page, "/ports/22");
    await page.click("[data-theme-switch]");
    assert.ok((await lightness(page)) < 0.25);
    await page.reload();
    assert.ok((await lightness(page)) < 0.25, "it is kept");
  }));

  test("paper is white", () => visit(async (page) => {
    await open(page, "/ports/60440");
    await page.emulateMedia({ media: "print" });
    assert.ok((await lightness(page)) > 0.9 || (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)) === "rgba(0, 0, 0, 0)");
    assert.equal(await page.locator("header.top form.search").isVisible(), false, "nobody searches on paper");
  }, NIGHT));
});

describe("without JavaScript", () => {
  const OFF = { javaScriptEnabled: false };
  test("every page has its content", () => visit(async (page) => {
    for (const path of PAGES) {
      await page.goto(path);
      assert.equal(await page.locator("main h1").count(), 1, `${path} has one heading`);
      assert.ok((await page.locator("main").innerText()).length > 40, `${path} says something`);
    }
    await page.goto("/");
    assert.ok(await page.locator("main img").evaluateAll((it) => it.some((img) => img.complete && img.naturalWidth > 0)), "the chart is a picture");
  }, OFF));

  test("searching, filtering, choosing a language and voting work", () => visit(async (page) => {
    await page.goto("/");
    await page.fill("#search", "ssh");
    await page.press("#search", "Enter");
    await page.click('main a[href="/ports/22"]');
    await page.click('button[name="face"][value="doubtful"]');
    assert.equal(await page.locator('button[aria-pressed="true"]').getAttribute("value"), "doubtful");
    await page.click('button[name="face"][value="glad"]');
    assert.equal(await page.locator('button[aria-pressed="true"]').getAttribute("value"), "glad");
    await page.goto("/list");
    await page.fill('.filters input[name="port"]', "45200");
    await page.press('.filters input[name="port"]', "Enter");
    assert.equal(await page.locator("main tbody tr").count(), 1);
    await page.click('footer a[lang="ur"]');
    assert.equal(await page.getAttribute("html", "dir"), "rtl");
  }, OFF));
});
