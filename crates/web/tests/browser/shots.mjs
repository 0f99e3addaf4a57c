// Pictures of the pages, for the README and to be looked at.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listen } from "./world.mjs";
import { PAGES, PHONE, open, visit } from "./visit.mjs";

/** What the README shows: a name, a page, and how it is looked at. */
const CHOSEN = [
  ["chart", "/", {}],
  ["chart-night", "/", { colorScheme: "dark" }],
  ["port-60440", "/ports/60440", {}],
  ["port-22", "/ports/22", {}],
  ["port-60440-urdu", "/ports/60440", { locale: "ur" }],
  ["port-60440-phone", "/ports/60440", PHONE],
  ["room", "/room", {}],
  ["doctor", "/doctor", {}],
];
const LOOKS = { day: {}, night: { colorScheme: "dark" }, phone: PHONE, urdu: { locale: "ur" }, "urdu-phone": { ...PHONE, locale: "ur" } };

/** Takes the pictures into `dir`; with `ALL_SHOTS` set, every page in every look. */
export async function shots(dir) {
  mkdirSync(dir, { recursive: true });
  const busy = [];
  for (const port of [80, 3000, 5432, 6379, 8080, 9090]) busy.push(await listen(port));
  const all = Object.entries(LOOKS).flatMap(([look, options]) => PAGES.map((path) => [
    `${look}${path.replaceAll(/[^a-z0-9]+/gi, "-")}`, path, options,
  ]));
  for (const [name, path, options] of process.env.ALL_SHOTS ? all : CHOSEN) {
    await visit(async (page) => {
      await open(page, path);
      await page.waitForTimeout(1200);
      writeFileSync(join(dir, `${name}.webp`), await picture(page, Boolean(process.env.ALL_SHOTS)));
    }, options).catch((error) => console.error(`${name}: ${error.message}`));
  }
  for (const server of busy) await server.close();
}

/** The page as a WebP picture: what is seen first, or all of it. */
async function picture(page, whole) {
  const session = await page.context().newCDPSession(page);
  const terms = { format: "webp", quality: 82, captureBeyondViewport: whole };
  if (whole) {
    // Nobody scrolls there.
    await page.evaluate(() => { for (const part of document.querySelectorAll(".later")) part.style.contentVisibility = "visible"; });
    const { cssContentSize: { width, height } } = await session.send("Page.getLayoutMetrics");
    terms.clip = { x: 0, y: 0, width, height: Math.min(height, 6000), scale: 1 };
  }
  return Buffer.from((await session.send("Page.captureScreenshot", terms)).data, "base64");
}
