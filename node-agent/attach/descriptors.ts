// Descriptors that are closed together, whatever happens meanwhile.

export class Descriptors implements Disposable {
  readonly #close: (fd: number) => void;
  readonly #open: number[] = [];

  constructor({ close }: { close(fd: number): void }) {
    this.#close = close;
  }

  keep(fd: number): number {
    this.#open.push(fd);
    return fd;
  }

  [Symbol.dispose](): void {
    for (const fd of this.#open.splice(0).reverse()) {
      try {
        this.#close(fd);
      } catch {
        // Whatever close(2) says, the descriptor is free.
      }
    }
  }
}
