// Load samples where every worker can read them: two tables in shared memory, of which the sampler fills the one that is
// not shown and then shows it. Readers take no lock and never see half a pass.

import type { LoadSample } from "../view/loadavg.ts";

const ROWS = 4096;
/** key, three loads, running, blocked, threads, lastPid. */
const COLUMNS = 8;
const TABLE_BYTES = ROWS * COLUMNS * 8;

export interface SharedLoads {
  tables: SharedArrayBuffer;
  shown: SharedArrayBuffer;
}

export function shareLoads(): SharedLoads {
  return { tables: new SharedArrayBuffer(TABLE_BYTES * 2), shown: new SharedArrayBuffer(4) };
}

export class LoadTable {
  readonly #tables: readonly [Float64Array, Float64Array];
  readonly #shown: Int32Array;

  constructor(shared: SharedLoads) {
    this.#tables = [
      new Float64Array(shared.tables, 0, ROWS * COLUMNS),
      new Float64Array(shared.tables, TABLE_BYTES, ROWS * COLUMNS),
    ];
    this.#shown = new Int32Array(shared.shown);
  }

  /** Replaces all samples. Containers beyond the table's size go without. */
  publish(samples: ReadonlyMap<number, LoadSample>): void {
    const next = 1 - Atomics.load(this.#shown, 0);
    const table = this.#tables[next] as Float64Array;
    table.fill(0);
    let left = ROWS - 1;
    for (const [key, { loads, running, blocked, threads, lastPid }] of samples) {
      if (left === 0) break;
      left -= 1;
      table.set([key, ...loads, running, blocked, threads, lastPid], slotOf(table, key) * COLUMNS);
    }
    Atomics.store(this.#shown, 0, next);
  }

  sampleOf(key: number): LoadSample | undefined {
    const table = this.#tables[Atomics.load(this.#shown, 0)] as Float64Array;
    const at = slotOf(table, key) * COLUMNS;
    if (table[at] !== key) return undefined;
    const [one = 0, five = 0, fifteen = 0, running = 0, blocked = 0, threads = 0, lastPid = 0] = table.subarray(at + 1);
    return { loads: [one, five, fifteen], running, blocked, threads, lastPid };
  }
}

/** The row of a key, or the empty row where it would stand. One row is always empty. */
function slotOf(table: Float64Array, key: number): number {
  let slot = key % ROWS;
  while (table[slot * COLUMNS] !== 0 && table[slot * COLUMNS] !== key) slot = (slot + 1) % ROWS;
  return slot;
}
