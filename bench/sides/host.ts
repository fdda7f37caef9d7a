// The kernel's own files, in a container like all the others.

import { release } from "node:os";
import { HOST_NAME } from "../report/side-names.ts";
import type { Side } from "./side.ts";

export const HOST: Side = {
  name: HOST_NAME,
  version: () => `Linux ${release()}`,
  start: () => Promise.resolve(undefined),
};
