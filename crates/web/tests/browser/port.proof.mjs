// Pages of ports: found, followed while sockets come and go, voted on.
import assert from "node:assert/strict";
import net from "node:net";
import { describe, test } from "node:test";
import { EVIL, HOME, PAST, eventually, listen } from "./world.mjs";
import { open, visit } from "./visit.mjs";

const search = async (page, text) => {
  await page.fill("#search", text);
  await page.press("#search", "Enter");
  await page.waitForLoadState("load");
};

const isLive = (page) => page.waitForSelector('[data-follow][data-state="live"]');
const nowText = (page) => page.locator("#now").innerText();

describe("search", () => {
  test("a number leads to its port", () => visit(async (page) => {
    await open(page, "/");
    await search(page, "60440");
    assert.equal(new URL(page.url()).pathname, "/ports/60440");
    assert.match(await page.locator("h1").innerText(), /60440/);
  }));

  test("names and words find ports, at once and on a page", () => visit(async (page) => {
    await open(page, "/");
    for (const [text, port] of [["ssh", 22], ["postgres", 5432], ["gopher", 70]]) {
      await page.fill("#search", "");
      await page.locator("#search").pressSequentially(text, { delay: 15 });
      await page.waitForSelector(`.instant a[href="/ports/${port}"]`);
      await search(page, text);
      await page.locator("main").locator(`a[href="/ports/${port}"]`).first().click();
      await page.waitForURL(`**/ports/${port}`);
      await open(page, "/");
    }
  }));

  test("a service's name in the address leads to its port", () => visit(async (page) => {
    await open(page, "/ports/ssh");
    assert.equal(page.url(), `${HOME}/ports/22`);
  }));

  test("what is no port gets a page that helps", () => visit(async (page) => {
    for (const path of ["/ports/70000", "/ports/abc", "/ports/70000/udp"]) {
      assert.equal((await open(page, path)).status(), 404, path);
      assert.ok(await page.locator("main h1").count(), `${path} has no heading`);
      assert.ok(await page.locator("main a").count(), `${path} leads nowhere`);
    }
  }));
});

describe("a port that is looked at", () => {
  test("shows a listener and a connection within a second, and their end", () => visit(async (page) => {
    const port = 45_100, took = [];
    await open(page, `/ports/${port}`);
    await isLive(page);
    const shows = (what, text) => eventually(what, async () => text.test(await nowText(page)));
    for (let round = 0; round < 3; round++) {
      const server = await listen(port);
      took.push(await shows("the listener", /LISTEN/));
      assert.match(await nowText(page), /node/, "its owner");
      const client = net.connect(port, "127.0.0.1");
      await new Promise((resolve) => client.once("connect", resolve));
      took.push(await shows("the connection", /ESTAB/));
      client.on("error", () => {});
      await server.close();
      took.push(await shows("the end", /^(?!.*(LISTEN|ESTAB))/s));
    }
    console.log(`a change shows after ${took.map(Math.round).join(", ")} ms`);
    assert.ok(Math.max(...took) < 1000, `it took ${Math.round(Math.max(...took))} ms`);
  }));

  // A browser has six connections to a service. Without a window it takes every tab for a seen one, so
  // what it does to a tab that is left is done here.
  test("may be open in ten tabs, and the eleventh still opens", () => visit(async (page, context) => {
    for (let tab = 0; tab < 10; tab++) {
      const another = await context.newPage();
      await open(another, tab % 2 ? `/ports/${45_110 + tab}` : "/");
      await another.evaluate(() => {
        Object.defineProperty(document, "hidden", { get: () => true });
        document.dispatchEvent(new Event("visibilitychange"));
      });
    }
    await open(page, "/ports/22");
    await isLive(page);
  }));

  test("is the same in the list and in what is watched", () => visit(async (page, context) => {
    const port = 45_120;
    await open(page, `/list?port=${port}`);
    const watch = await context.newPage();
    await open(watch, `/watch?port=${port}`);
    await eventually("it watches", async () => (await watch.locator("main [role=status]").innerText()) !== "");
    const server = await listen(port);
    const row = new RegExp(`:${port}\\b`);
    await eventually("watch tells", async () => row.test(await watch.locator("main tbody").innerText()));
    await page.bringToFront();
    await eventually("the list has it", async () => row.test(await page.locator("main tbody").innerText()));
    await server.close();
    await eventually("the list has it no more", async () => !row.test(await page.locator("main").innerText()));
  }));

  test("tells who had it before", () => visit(async (page) => {
    await open(page, `/ports/${PAST.port}`);
    const before = page.locator("#before");
    await before.locator("svg .spell").first().waitFor({ state: "attached" });
    assert.match(await before.locator("tbody").innerText(), /node/);
    await before.getByRole("link").first().click();
    await page.waitForURL(/from=\d+&until=\d+/);
    await before.locator("svg .spell").first().waitFor({ state: "attached" });
  }));
});

describe("whatever a process calls itself", () => {
  const paths = [`/ports/${EVIL.port}`, "/list", `/list?port=${EVIL.port}`, "/", "/watch"];
  for (const path of paths) {
    test(`${path} shows it as text`, () => visit(async (page) => {
      await open(page, path);
      if (path !== "/watch" && path !== "/") {
        assert.ok((await page.locator("main").innerText()).includes(EVIL.comm), "the name is shown");
      }
      assert.equal(await page.locator("main script, main [onload], main [onerror]").count(), 0);
    }));
  }

  test("what is asked for is text, too", () => visit(async (page) => {
    const evil = encodeURIComponent('"><script>alert(1)</script>');
    for (const path of [`/search?q=${evil}`, `/list?process=${evil}`, `/watch?port=${evil}`, `/ports/${evil}`]) {
      await open(page, path);
      assert.equal(await page.locator("main script").count(), 0, path);
    }
    await open(page, "/");
    await page.fill("#search", '"><img src=x onerror=alert(1)>');
    await page.waitForSelector(".instant:not([hidden])");
    assert.equal(await page.locator("img[onerror]").count(), 0);
  }));
});

describe("was this page helpful?", () => {
  const said = (page) => page.locator('button[name="face"][aria-pressed="true"]').evaluateAll((it) => it.map((b) => b.value));
  test("a vote is kept, and changed", () => visit(async (page) => {
    await open(page, "/ports/60440");
    assert.deepEqual(await said(page), []);
    await page.click('button[name="face"][value="glad"]');
    await page.waitForFunction(() => document.querySelector("#feedback [role=status]").textContent !== "");
    assert.deepEqual(await said(page), ["glad"]);
    await page.reload();
    assert.deepEqual(await said(page), ["glad"], "it is kept");
    await page.click('button[name="face"][value="sad"]');
    await page.waitForSelector('button[value="sad"][aria-pressed="true"]');
    await page.reload();
    assert.deepEqual(await said(page), ["sad"], "it is changed");
    await open(page, "/feedback");
    const row = page.locator("tr", { hasText: "/ports/60440" });
    assert.deepEqual(await row.locator("td.number").allInnerTexts().then((it) => it.slice(0, 3)), ["1", "0", "0"]);
  }));
});
