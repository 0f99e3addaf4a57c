// The machine that the browser looks at: a recorder, a service, and sockets that are opened and
// closed under it, in the network namespace this runs in. What is started here ends here.
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const required = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: this is started by ./test browser`);
  return value;
};

const modules = createRequire(join(required("PORTOLAN_BROWSER_MODULES"), "package.json"));
const { chromium } = modules("playwright-core");
export const axeSource = modules("axe-core").source;

const portolan = required("PORTOLAN");
export const place = mkdtempSync(join(tmpdir(), "portolan-browser."));
export const PORT = 7678;
export const HOME = `http://127.0.0.1:${PORT}`;
/** Names of a process that mean to be markup: what /proc/PID/comm, argv and exe say of it. */
export const EVIL = {
  comm: "<script>alert(1)</script>".slice(0, 15),
  argv: "<script>alert(1)</script>",
  exe: "<svg onload=alert(1)>",
  port: 45_200,
};
/** A port that had a listener for some seconds of the log, and has none now. */
export const PAST = { port: 45_300, from: 0, until: 0 };

let children = [];
export let browser = null;

/** Starts a program and waits until it says `ready`, on either stream. */
function start(program, args, ready, options = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  children.push(child);
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (bytes) => {
      said += bytes;
      if (ready.test(said)) resolve(child);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", reject);
    child.on("exit", (status) => reject(new Error(`${program} ended (${status}): ${said}`)));
    sleep(150_000, null, { ref: false }).then(() => reject(new Error(`${program} is not ready: ${said}`)));
  });
}

/** Starts everything that is looked at. */
export async function begin() {
  const dir = join(place, "store");
  await start(portolan, ["record", "--source", "sampling", "--dir", dir], /recording/);
  PAST.from = Date.now();
  const short = await listen(PAST.port);
  await sleep(3000);
  await short.close();
  PAST.until = Date.now();
  await impostor();
  await start(portolan, ["serve", "--dir", dir, "--feedback", join(place, "votes.redb")], /7678/);
  await eventually("the service answers", async () => (await fetch(`${HOME}/healthz`)).ok);
  browser = await launch();
}

/** Ends everything that was started, also after a failure. */
export async function end() {
  await browser?.close().catch(() => {});
  for (const child of children.reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const late = sleep(10_000, "late", { ref: false });
    if ((await Promise.race([gone, late])) === "late") child.kill("SIGKILL");
  }
  children = [];
  rmSync(place, { recursive: true, force: true });
}

/** Debian's Chromium, which talks to nobody but us. */
export function launch() {
  return chromium.launch({
    executablePath: required("PORTOLAN_CHROMIUM"),
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
}

/** A process that listens and whose names mean to be markup. */
async function impostor() {
  const program = join(place, EVIL.exe);
  copyFileSync("/usr/bin/perl", program);
  const script = `
    use Socket; $| = 1;
    open(my $comm, '>', '/proc/self/comm') or die $!; print $comm '${EVIL.argv}'; close $comm;
    socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!;
    bind($s, sockaddr_in(${EVIL.port}, INADDR_LOOPBACK)) or die $!;
    listen($s, 8) or die $!; print "ready\\n"; sleep 3600;`;
  await start(program, ["-e", script, "<img src=x onerror=alert(1)>"], /ready/, { argv0: EVIL.argv });
}

/** Listens on a port of loopback; `close` ends that and every connection. */
export async function listen(port) {
  const held = new Set();
  const server = net.createServer((socket) => {
    held.add(socket);
    socket.on("error", () => {}).on("close", () => held.delete(socket));
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const close = () => new Promise((resolve) => {
    server.close(resolve);
    for (const socket of held) socket.resetAndDestroy();
  });
  return { close };
}

/** Leases a port by `name`; `end` ends the lease. */
export async function lease(name) {
  const holder = await start(portolan, ["lease", name, "--project", place, "--hold"], /\d+/, { stdio: ["pipe", "pipe", "pipe"] });
  return { end: () => holder.stdin.end() };
}

/** Waits until `check` holds, and says after how many milliseconds; fails after ten seconds. */
export async function eventually(what, check, { within = 10_000, pause = 10 } = {}) {
  const begun = performance.now();
  let last = null;
  while (performance.now() - begun < within) {
    try {
      if (await check()) return performance.now() - begun;
    } catch (error) {
      last = error;
    }
    await sleep(pause);
  }
  throw new Error(`${what}: not within ${within} ms${last ? ` (${last.message})` : ""}`);
}
