// Reads the kernel's count of a cgroup's CPU time all the time, so that every tool's own window can be looked up later:
// cpuacct.usage (v1), cpu.stat's usage_usec (v2).

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { UsageSample } from "./usage-window.ts";

const INTERVAL_MILLIS = 20;
const NANOS_PER_MICRO = 1000;

export class UsageMeter implements Disposable {
  readonly samples: UsageSample[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #read: () => number;

  constructor(directory: string, version: 1 | 2) {
    this.#read = version === 1 ? () => readCpuacct(directory) : () => readCpuStat(directory);
    this.#sample();
    this.#timer = setInterval(() => this.#sample(), INTERVAL_MILLIS).unref();
  }

  /** Waits until the samples reach that moment. */
  async reach(millis: number): Promise<void> {
    while ((this.samples.at(-1)?.millis ?? 0) < millis) await sleep(INTERVAL_MILLIS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const micros = this.#read();
    this.samples.push({ millis: performance.now(), micros });
  }
}

function readCpuacct(directory: string): number {
  return Number(readFileSync(`${directory}/cpuacct.usage`, "latin1")) / NANOS_PER_MICRO;
}

function readCpuStat(directory: string): number {
  return Number(/^usage_usec (\d+)$/m.exec(readFileSync(`${directory}/cpu.stat`, "latin1"))?.[1]);
}
