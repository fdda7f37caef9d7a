// Tools that serve counters over HTTP, which are asked twice: node_exporter. The network is the host's.

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { end as endChild, type ended, isRunning, start } from "../children.ts";
import { SPARE_MILLIS, type Tool, toMillis } from "./tool.ts";

const RETRY_MILLIS = 100;

export function scraped(
  argv: (address: string) => readonly string[],
  parse: (before: string, after: string) => number,
): Tool["measure"] {
  return async (place, seconds) => {
    const address = `127.0.0.1:${await freePort()}`;
    const server = start(place.command(argv(address)));
    server.stdout?.resume();
    server.stderr?.resume();
    try {
      await answering(server, address);
      const before = await scrape(address);
      await sleep(toMillis(seconds));
      const after = await scrape(address);
      const window = { fromMillis: before.millis, toMillis: after.millis };
      return { shownPercent: parse(before.text, after.text), window };
    } finally {
      // Ends nsenter; the program itself goes with the container.
      await endChild(server);
    }
  };
}

async function answering(server: Parameters<typeof ended>[0], address: string): Promise<void> {
  for (const limit = performance.now() + SPARE_MILLIS; ; await sleep(RETRY_MILLIS)) {
    if (!isRunning(server)) throw new Error(`ended with ${server.exitCode ?? server.signalCode}`);
    const answered = await scrape(address).then(
      () => true,
      () => false,
    );
    if (answered) return;
    if (performance.now() > limit) throw new Error(`does not answer at ${address}`);
  }
}

/** The counters are read somewhere between request and answer. */
async function scrape(address: string): Promise<{ text: string; millis: number }> {
  const asked = performance.now();
  const response = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(SPARE_MILLIS) });
  const text = await response.text();
  return { text, millis: (asked + performance.now()) / 2 };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
