// Which files a container should have, where nobody else says so.

import { VIRTUAL_FILES } from "../../contract/virtual-files.ts";
import type { HostFiles } from "../host/host-files.ts";
import { ALL_PATHS } from "./placement.ts";
import type { Wanted } from "./round.ts";

const ATTACHED = VIRTUAL_FILES.filter(({ placedBy }) => placedBy === "attach").map(({ path }) => path);

/** Every file that this machine has. */
export function allFiles(files: HostFiles): string[] {
  return ALL_PATHS.filter((path) => files.has(path));
}

/** What a container has stays; nothing comes that it has not. */
export const asTheyAre: Wanted = () => undefined;

/** A container that has any file of ours has opted in: it gets those too that runtimes refuse to bind. */
export function asTheyAreAndComplete(files: HostFiles): Wanted {
  return (_container, present) =>
    present.length === 0 ? undefined : [...present, ...ATTACHED.filter((path) => files.has(path))];
}
