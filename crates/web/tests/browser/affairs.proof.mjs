// Room, doctor and leases: what they say of real connections, a real listener and a real lease.
import assert from "node:assert/strict";
import net from "node:net";
import { describe, test } from "node:test";
import { EVIL, eventually, lease, listen } from "./world.mjs";
import { open, visit } from "./visit.mjs";

describe("room", () => {
  test("follows connections as they come and go", () => visit(async (page) => {
    const port = 20_100;
    const server = await listen(port);
    await open(page, "/room");
    await page.waitForSelector('[data-follow][data-state="live"]');
    const row = page.locator("main tbody tr", { hasText: `127.0.0.1:${port}` });
    assert.equal(await row.count(), 0);
    const held = await Promise.all(Array.from({ length: 40 }, () => new Promise((resolve, reject) => {
      const socket = net.connect(port, "127.0.0.1", () => resolve(socket)).on("error", reject);
    })));
    await eventually("the destination", async () => /40 of/.test(await row.innerText()));
    assert.match(await row.innerText(), /node|MainThread/, "who holds them");
    assert.ok(Number(await row.locator("rect.used").getAttribute("width")) >= 1, "a bar");
    await eventually("its hour", async () => (await row.locator("svg.hour").getAttribute("aria-label")).includes("port"), { within: 30_000 });
    for (const socket of held) socket.resetAndDestroy();
    await eventually("its end", async () => (await row.count()) === 0, { within: 20_000 });
    await server.close();
  }));

  test("says what else ends connections", () => visit(async (page) => {
    await open(page, "/room");
    const limits = await page.locator("section table").innerText();
    for (const limit of [/TIME-WAIT/, /open files/]) assert.match(limits, limit);
  }));
});

describe("doctor", () => {
  test("finds a listener inside the range, with evidence, fix and price", () => visit(async (page) => {
    await open(page, "/doctor");
    const finding = page.locator("article", { hasText: "listener-in-range" });
    const text = await finding.innerText();
    for (const part of [String(EVIL.port), "Why it matters", "What helps", "portolan range set", "What that costs"]) {
      assert.ok(text.includes(part), `${part} is not in ${text}`);
    }
    await page.click('footer a[lang="ur"]');
    await page.waitForLoadState("load");
    assert.match(await page.locator("article h2").first().innerText(), /[\u0600-\u06ff]/);
  }));
});

describe("leases", () => {
  test("show a lease while it is held", () => visit(async (page) => {
    const held = await lease("harbour");
    await open(page, "/leases");
    assert.match(await page.locator("main tbody").innerText(), /harbour/);
    held.end();
    await eventually("its end", async () => {
      await open(page, "/leases");
      return !(await page.locator("main").innerText()).includes("harbour");
    });
  }));
});
