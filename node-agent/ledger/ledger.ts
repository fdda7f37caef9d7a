// The ledger: a record for each container, shared by all threads of a server under locks, and written through to the
// state file, where a successor finds it. Set-associative, as vfs/generations.ts is: a key has WAYS possible rows.

import { fstatSync, readSync, writeSync } from "node:fs";
import { Locks, shareLocks } from "../shared-memory/locks.ts";
import { CPU_COLUMNS, HEADER_COLUMNS, LedgerRecord } from "./record.ts";

const SETS = 256;
const WAYS = 8;
const ROWS = SETS * WAYS;
const DOUBLE_BYTES = 8;
/** The file begins with the number of columns: a ledger of another machine or version is not understood, but made anew. */
const PREFIX_BYTES = 8;

/** How much of the state file the ledger may take: 2048 rows of 8192 CPUs fit. */
export const LEDGER_FILE_BYTES: number = 1024 * 1024 * 1024;

export interface SharedLedger {
  locks: SharedArrayBuffer;
  rows: SharedArrayBuffer;
  /** CPUs a row has columns for. */
  cpus: number;
}

/** Makes the shared part, with what a predecessor left at the start of the state file. Without a file it starts empty. */
export function shareLedger(cpus: number, stateFd?: number): SharedLedger {
  const columns = HEADER_COLUMNS + cpus * CPU_COLUMNS;
  const rows = new SharedArrayBuffer(ROWS * columns * DOUBLE_BYTES);
  if (stateFd !== undefined) restore(rows, columns, stateFd);
  return { locks: shareLocks(SETS), rows, cpus };
}

function restore(rows: SharedArrayBuffer, columns: number, stateFd: number): void {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  const known = fstatSync(stateFd).size > 0 && readSync(stateFd, prefix, 0, PREFIX_BYTES, 0) === PREFIX_BYTES;
  if (known && prefix.readDoubleLE() === columns) {
    readSync(stateFd, Buffer.from(rows), 0, rows.byteLength, PREFIX_BYTES);
    return;
  }
  prefix.writeDoubleLE(columns);
  writeSync(stateFd, prefix, 0, PREFIX_BYTES, 0);
}

export class Ledger {
  readonly #locks: Locks;
  readonly #rows: Float64Array;
  readonly #bytes: Buffer;
  readonly #columns: number;
  readonly #stateFd: number | undefined;
  readonly #record: LedgerRecord;

  /** Without a file nothing outlives the process: for whoever asks once. */
  constructor(shared: SharedLedger, stateFd?: number) {
    this.#locks = new Locks(shared.locks);
    this.#rows = new Float64Array(shared.rows);
    this.#bytes = Buffer.from(shared.rows);
    this.#columns = HEADER_COLUMNS + shared.cpus * CPU_COLUMNS;
    this.#stateFd = stateFd;
    this.#record = new LedgerRecord(this.#row(0));
  }

  /** Runs `change` on the record of a container, which nobody else sees meanwhile. The record must not be kept. */
  update<Result>(key: number, nowMillis: number, change: (record: LedgerRecord) => Result): Result {
    const set = key % SETS;
    return this.#locks.holding(set, () => {
      const row = this.#find(set, key);
      this.#record.point(this.#row(row));
      if (this.#record.key !== key) this.#record.claim(key);
      this.#record.usedAtMillis = nowMillis;
      const result = change(this.#record);
      this.#write(row);
      return result;
    });
  }

  /** As `update`, but for who only looks: undefined where nothing is known of the container. */
  look<Result>(key: number, nowMillis: number, at: (record: LedgerRecord) => Result): Result | undefined {
    const set = key % SETS;
    return this.#locks.holding(set, () => {
      this.#record.point(this.#row(this.#find(set, key)));
      if (this.#record.key !== key) return undefined;
      this.#record.usedAtMillis = nowMillis;
      return at(this.#record);
    });
  }

  /** The row of the key, else a free one, else the one unused for longest. */
  #find(set: number, key: number): number {
    let best = set * WAYS;
    let bestUsedAt = Number.POSITIVE_INFINITY;
    for (let row = set * WAYS; row < (set + 1) * WAYS; row += 1) {
      const at = row * this.#columns;
      if (this.#rows[at] === key) return row;
      const usedAt = this.#rows[at] === 0 ? -1 : (this.#rows[at + 1] as number);
      if (usedAt < bestUsedAt) {
        best = row;
        bestUsedAt = usedAt;
      }
    }
    return best;
  }

  #row(row: number): Float64Array {
    return this.#rows.subarray(row * this.#columns, (row + 1) * this.#columns);
  }

  #write(row: number): void {
    if (this.#stateFd === undefined) return;
    const bytes = this.#columns * DOUBLE_BYTES;
    writeSync(this.#stateFd, this.#bytes, row * bytes, bytes, PREFIX_BYTES + row * bytes);
  }
}
