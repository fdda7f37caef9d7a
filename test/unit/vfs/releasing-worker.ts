// A thread that releases handles a moment after it is told to, as a worker does that read a RELEASE: busy, for to be woken
// takes longer than what is tested.

import { parentPort, workerData } from "node:worker_threads";
import { OpenedFiles } from "../../../node-agent/vfs/opened-files.ts";

const MOMENT_MILLIS = 0.02;
const { parts, stateFd, node } = workerData;
/** Whether to release, and what. */
const turn: Int32Array = workerData.turn;
const cache = { storePages: () => false, dropAttributes: () => undefined };
const server = new OpenedFiles(parts, stateFd, cache);

parentPort?.postMessage("ready");
for (;;) {
  while (Atomics.load(turn, 0) === 0);
  const until = performance.now() + MOMENT_MILLIS;
  while (performance.now() < until);
  server.release(node, { id: Atomics.load(turn, 1), place: 0 });
  Atomics.store(turn, 0, 0);
}
