// Where the files of one container come from: its part of the tree, or the cgroup itself.

import type { AttachCalls } from "./calls.ts";
import type { Descriptors } from "./descriptors.ts";
import type { VisitRequest } from "./messages.ts";

export class Sources {
  readonly #calls: AttachCalls;
  readonly #descriptors: Descriptors;
  readonly #request: VisitRequest;
  /** The root of the tree as the container sees it: looked up once, which is a request, for all its files. */
  #treeFd: number | undefined;

  constructor(calls: AttachCalls, descriptors: Descriptors, request: VisitRequest) {
    this.#calls = calls;
    this.#descriptors = descriptors;
    this.#request = request;
  }

  /** A detached mount of a path of the tree, restricted as all of ours are. */
  clone(path: string): number {
    const pressure = this.#request.pressureFiles[path];
    const fd = this.#descriptors.keep(
      pressure === undefined
        ? this.#calls.cloneMount(this.#tree(), path || ".")
        : this.#calls.cloneMount(undefined, pressure),
    );
    this.#calls.restrict(fd, pressure !== undefined);
    return fd;
  }

  #tree(): number {
    const { mountRoot, wishes } = this.#request;
    this.#treeFd ??= this.#descriptors.keep(this.#calls.openDirectory(`${mountRoot}/containers/${wishes.key}`));
    return this.#treeFd;
  }
}
