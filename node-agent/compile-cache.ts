// Node's compile cache: what of our TypeScript was stripped of its types and compiled before. It is by user, by V8's flags
// and by path. A program that we start finds what it needs in there only if it is told where it is.

import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";

/** For a process that this one starts: where this one's compile cache is. Node reports the folder it made in that. */
export function compileCacheEnvironment(): Record<string, string> {
  const directory = getCompileCacheDir();
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) };
}
