// What the workers count: numbers in shared memory, a row a worker, so that counting costs no message and no lock. Only
// additions: a new process begins at 0, and the supervisor adds what grew (telemetry/).

import { VIRTUAL_FILES } from "../../contract/virtual-files.ts";
import { errno } from "../fuse/errno.ts";

export const CPU_FILES_LABEL = "sys/devices/system/cpu";
/** Few enough to be labels of metrics, whatever is asked: all files of CPUs are one, all directories another. */
export const FILE_LABELS: readonly string[] = [...VIRTUAL_FILES.map(({ path }) => path), CPU_FILES_LABEL, "directory"];
export const OPERATION_LABELS = ["LOOKUP", "READLINK", "GETATTR", "READ", "READDIR", "other"] as const;
export const ERROR_LABELS: readonly string[] = [...Object.keys(errno), "other"];
/** Upper ends of the buckets of answer times, in seconds. */
export const LATENCY_BOUNDS = [25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 50e-3, 250e-3] as const;

const PER_FILE = ["renders", "hits", "latencySum", ...OPERATION_LABELS, ...LATENCY_BOUNDS.map(String), "+Inf"] as const;
const SINGLE = ["servedLastGood", "servedHost", "turnsForced", "hostReadsFailed", "cgroupReadsFailed"] as const;
export type SingleFigure = (typeof SINGLE)[number];

const ERRORS_AT = FILE_LABELS.length * PER_FILE.length;
const SINGLE_AT = ERRORS_AT + ERROR_LABELS.length;
export const FIGURE_COUNT: number = SINGLE_AT + SINGLE.length;

export function shareFigures(rows: number): SharedArrayBuffer {
  return new SharedArrayBuffer(rows * FIGURE_COUNT * Float64Array.BYTES_PER_ELEMENT);
}

/** One worker's row. */
export function figuresOf(shared: SharedArrayBuffer, row: number): Float64Array {
  return new Float64Array(shared, row * FIGURE_COUNT * Float64Array.BYTES_PER_ELEMENT, FIGURE_COUNT);
}

/** All rows added up. */
export function sumFigures(shared: SharedArrayBuffer): number[] {
  const all = new Float64Array(shared);
  return Array.from({ length: FIGURE_COUNT }, (_, place) => {
    let sum = 0;
    for (let at = place; at < all.length; at += FIGURE_COUNT) sum += all[at] as number;
    return sum;
  });
}

/** Places of figures in a row. */
export const place = {
  file: (file: number, figure: "renders" | "hits" | "latencySum"): number =>
    file * PER_FILE.length + PER_FILE.indexOf(figure),
  operation: (file: number, operation: number): number => file * PER_FILE.length + 3 + operation,
  /** `bound` is an index of LATENCY_BOUNDS, or its length for whatever is longer. */
  latency: (file: number, bound: number): number => file * PER_FILE.length + 3 + OPERATION_LABELS.length + bound,
  error: (error: number): number => ERRORS_AT + error,
  single: (figure: SingleFigure): number => SINGLE_AT + SINGLE.indexOf(figure),
} as const;
