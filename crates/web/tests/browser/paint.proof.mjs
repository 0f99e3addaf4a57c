// How soon something is seen: first paint, as the browser itself measures it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { open, visit } from "./visit.mjs";

const LOADS = 15;
const AIM_MS = 100;
const REST_MS = 300;

// The first has one word and nothing to draw: what the browser itself takes.
describe("first paint", () => {
  for (const path of ["/healthz", "/", "/ports/60440", "/ports/22", "/list", "/leases"]) {
    test(`of ${path} is under ${AIM_MS} ms`, () => visit(async (page) => {
      const paints = [], answers = [];
      for (let load = 0; load < LOADS; load++) {
        // What the load before still has the service do is not this one's.
        await page.waitForTimeout(REST_MS);
        await open(page, path);
        await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length);
        const [paint, answer] = await page.evaluate(() => [
          performance.getEntriesByName("first-contentful-paint")[0].startTime,
          performance.getEntriesByType("navigation")[0].responseEnd,
        ]);
        paints.push(paint);
        answers.push(answer);
      }
      const median = (times) => [...times].sort((a, b) => a - b)[LOADS >> 1];
      console.log(`${path}: painted after ${Math.round(median(paints))} ms, answered after ${Math.round(median(answers))} ms`);
      assert.ok(median(paints) < AIM_MS, `${Math.round(median(paints))} ms: ${paints.map(Math.round).join(", ")}`);
    }));
  }
});
