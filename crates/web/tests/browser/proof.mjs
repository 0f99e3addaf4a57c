// What a person sees of `portolan serve`, in Debian's Chromium. Started by ./test browser, in a
// network namespace of its own; with PORTOLAN_SHOTS=DIR it takes the pictures of the README instead.
import { after, before } from "node:test";
import { begin, end } from "./world.mjs";

for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) {
  process.once(signal, () => end().finally(() => process.exit(130)));
}
if (process.argv.includes("--shots")) {
  const { shots } = await import("./shots.mjs");
  try {
    await begin();
    await shots(process.argv[process.argv.indexOf("--shots") + 1]);
  } finally {
    await end();
  }
} else {
  before(begin, { timeout: 400_000 });
  after(end);
  // How soon something is seen is measured by bench/web, of the program as it is released.
  const proofs = process.env.PORTOLAN_PAINT ? ["paint"] : ["port", "chart", "affairs", "reach", "keys"];
  for (const proof of proofs) await import(`./${proof}.proof.mjs`);
}
