// A certificate in a directory, as a mounted Secret or cert-manager gives it: read again every few seconds, because a
// Secret's files change by a symlink of their directory that no watch of a file sees.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Certificate, CertificateSource } from "./certificate-source.ts";
import { Polling } from "./polling.ts";

const PERIOD_MILLIS = 5000;

export class FileCertificate implements CertificateSource {
  readonly #directory: string;
  readonly #periodMillis: number;
  #polling: Polling | undefined;

  constructor(directory: string, periodMillis = PERIOD_MILLIS) {
    this.#directory = directory;
    this.#periodMillis = periodMillis;
  }

  async start(use: (certificate: Certificate) => void, failed: (error: Error) => void): Promise<void> {
    let known = "";
    const turn = async (): Promise<void> => {
      const [certificatePem, keyPem] = await Promise.all(["tls.crt", "tls.key"].map((name) => this.#read(name)));
      if (certificatePem === undefined || keyPem === undefined || certificatePem + keyPem === known) return;
      use({ certificatePem, keyPem });
      known = certificatePem + keyPem;
    };
    this.#polling = new Polling(turn, this.#periodMillis, failed);
    await this.#polling.start();
  }

  stop(): void {
    this.#polling?.stop();
  }

  #read(name: string): Promise<string> {
    return readFile(join(this.#directory, name), "utf8");
  }
}
