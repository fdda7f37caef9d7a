// The file that names this node's containers, for `procview status`.

import { renameSync, writeFileSync } from "node:fs";
import type { ContainerNames } from "../../contract/container-names.ts";
import type { RunningPod } from "./running-pod.ts";

/** Pods change in crowds. */
const SETTLE_MILLIS = 250;

export function containerNames(pods: readonly RunningPod[]): ContainerNames {
  return Object.fromEntries(
    pods.flatMap(({ namespace, name: pod, containers }) =>
      [...containers].map(([id, container]) => [id, { namespace, pod, container }]),
    ),
  );
}

export class NamesFile {
  readonly #path: string;
  readonly #pods: () => readonly RunningPod[];
  readonly #failed: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #written = "";
  #stopped = false;

  constructor(path: string, pods: () => readonly RunningPod[], failed: (error: unknown) => void) {
    this.#path = path;
    this.#pods = pods;
    this.#failed = failed;
  }

  /** Written soon, whole, if it has changed. */
  changed(): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => this.#write(), SETTLE_MILLIS).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #write(): void {
    this.#timer = undefined;
    const text = JSON.stringify(containerNames(this.#pods()));
    if (text === this.#written) return;
    try {
      writeFileSync(`${this.#path}.new`, text, { mode: 0o644 });
      renameSync(`${this.#path}.new`, this.#path);
      this.#written = text;
    } catch (error) {
      this.#failed(error);
    }
  }
}
