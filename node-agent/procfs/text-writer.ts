// Builds a file as bytes. What is polled has hundreds of fields, for hundreds of containers: a string for each of them is what
// a rendering would spend most on, and most of what the garbage collector would have to collect.

const FIRST_BYTES = 4096;
const SPACE = 0x20;
const ZERO = 0x30;

export class TextWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;

  /** Characters beyond latin1 lose their high bits: no file of procfs has any. */
  text(text: string): this {
    this.#makeRoom(text.length);
    for (let at = 0; at < text.length; at += 1) this.#bytes[this.#length + at] = text.charCodeAt(at);
    this.#length += text.length;
    return this;
  }

  /** A number as String() has it, with spaces before it up to `width` columns. */
  number(value: number, width = 0): this {
    if (!Number.isSafeInteger(value) || value < 0) return this.text(String(value).padStart(width));
    const columns = Math.max(width, digitsOf(value));
    this.#makeRoom(columns);
    let at = this.#length + columns - 1;
    let rest = value;
    do {
      const tens = Math.floor(rest / 10);
      this.#bytes[at] = ZERO + (rest - tens * 10);
      at -= 1;
      rest = tens;
    } while (rest > 0);
    for (; at >= this.#length; at -= 1) this.#bytes[at] = SPACE;
    this.#length += columns;
    return this;
  }

  /** Numbers with a space before each. */
  row(values: readonly number[]): this {
    for (const value of values) this.text(" ").number(value);
    return this;
  }

  /** All that was written since the last call. */
  end(): Buffer {
    const content = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return content;
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + bytes));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let power = 10; value >= power; power *= 10) digits += 1;
  return digits;
}
