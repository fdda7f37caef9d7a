// Counts what one worker does, into its row of figures.ts.

import { CPU_NODE_BASE } from "../../contract/cpu-files.ts";
import { VIRTUAL_FILES } from "../../contract/virtual-files.ts";
import { fuse_out_header } from "../fuse/abi.ts";
import { errno } from "../fuse/errno.ts";
import { OPCODES } from "../fuse/opcodes.ts";
import type { Reply } from "../fuse/reply.ts";
import type { Request } from "../fuse/request.ts";
import { indexOf } from "../vfs/node-id.ts";
import {
  CPU_FILES_LABEL,
  ERROR_LABELS,
  FILE_LABELS,
  LATENCY_BOUNDS,
  OPERATION_LABELS,
  place,
  type SingleFigure,
} from "./figures.ts";

const FIRST_FILE_INDEX = 32;
const FIRST_CPU_FILE_INDEX = 64;
const CPU_FILES = FILE_LABELS.indexOf(CPU_FILES_LABEL);
const DIRECTORY = FILE_LABELS.indexOf("directory");
const OTHER_OPERATION = OPERATION_LABELS.indexOf("other");
const PATHS = new Map<number, number>(VIRTUAL_FILES.map(({ path, index }) => [index, FILE_LABELS.indexOf(path)]));
const ERRORS = new Map<number, number>(Object.entries(errno).map(([name, code]) => [code, ERROR_LABELS.indexOf(name)]));
const OPERATIONS = new Map<number, number>([...OPCODES].map(([opcode, { name }]) => [opcode, operationOf(name)]));
const LOOKUP = OPERATION_LABELS.indexOf("LOOKUP");
const GETATTR = OPERATION_LABELS.indexOf("GETATTR");

export class Recorder {
  readonly #figures: Float64Array;
  #startedAt = 0;
  #rendersBefore = 0;
  #renders = 0;

  constructor(figures: Float64Array) {
    this.#figures = figures;
  }

  received(): void {
    this.#startedAt = performance.now();
    this.#rendersBefore = this.#renders;
  }

  answered(request: Request, reply: Reply): void {
    const operation = OPERATIONS.get(request.opcode) ?? OTHER_OPERATION;
    const error = reply.error;
    const file = fileOf(operation === LOOKUP && error === 0 ? replyIndex(reply) : indexOf(request.nodeidLow));
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const bound = LATENCY_BOUNDS.findIndex((limit) => seconds <= limit);
    this.#add(place.operation(file, operation));
    this.#add(place.latency(file, bound < 0 ? LATENCY_BOUNDS.length : bound));
    this.#add(place.file(file, "latencySum"), seconds);
    if (error !== 0) this.#add(place.error(ERRORS.get(error) ?? ERROR_LABELS.indexOf("other")));
    const asked = file !== DIRECTORY && (operation === LOOKUP || operation === GETATTR);
    if (asked && error === 0 && this.#renders === this.#rendersBefore) this.#add(place.file(file, "hits"));
  }

  rendered(path: string): void {
    this.#renders += 1;
    const file = FILE_LABELS.indexOf(path);
    this.#add(place.file(file < 0 ? CPU_FILES : file, "renders"));
  }

  count(figure: SingleFigure): void {
    this.#add(place.single(figure));
  }

  #add(at: number, amount = 1): void {
    this.#figures[at] = (this.#figures[at] as number) + amount;
  }
}

function operationOf(name: string): number {
  const operation = (OPERATION_LABELS as readonly string[]).indexOf(name === "READDIRPLUS" ? "READDIR" : name);
  return operation < 0 ? OTHER_OPERATION : operation;
}

function fileOf(index: number): number {
  if (index < FIRST_FILE_INDEX) return DIRECTORY;
  return PATHS.get(index) ?? (index >= FIRST_CPU_FILE_INDEX || index >= CPU_NODE_BASE ? CPU_FILES : DIRECTORY);
}

function replyIndex(reply: Reply): number {
  return indexOf(reply.buffer.readUInt32LE(fuse_out_header.size));
}
