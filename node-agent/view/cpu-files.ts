// Files below /sys/devices/system/cpu of a container, by their kind (contract/cpu-files.ts).

import type { CpuFileKind } from "../../contract/cpu-files.ts";
import { formatCpuList, formatCpuMask, parseCpuList, parseCpuMask } from "../procfs/cpu-list.ts";
import type { VisibleCpus } from "./visible-cpus.ts";

/** `siblings` are the host's thread_siblings_list of each visible CPU; only "smt-active" asks for them. */
export interface CpuFileInputs {
  hostText(): string;
  cpus: VisibleCpus;
  siblings: readonly string[];
}

const VIEWS: Record<CpuFileKind, (inputs: CpuFileInputs) => string> = {
  host: ({ hostText }) => hostText(),
  none: () => "\n",
  visible: ({ cpus }) => `${formatCpuList(cpus.cpus)}\n`,
  list: ({ hostText, cpus }) => `${formatCpuList(narrowed(parseCpuList(hostText()), cpus))}\n`,
  mask: ({ hostText, cpus }) => {
    const mask = hostText();
    return `${formatCpuMask(narrowed(parseCpuMask(mask), cpus), mask)}\n`;
  },
  "smt-active": ({ cpus, siblings }) =>
    siblings.some((list) => narrowed(parseCpuList(list), cpus).length > 1) ? "1\n" : "0\n",
};

export function viewCpuFile(kind: CpuFileKind, inputs: CpuFileInputs): string {
  return VIEWS[kind](inputs);
}

function narrowed(cpus: readonly number[], visible: VisibleCpus): number[] {
  return cpus.filter((cpu) => visible.cpus.includes(cpu));
}
