// Where the serving certificate comes from: files, or made by ourselves. Either tells of each new one, for ever.

import { X509Certificate } from "node:crypto";

export interface Certificate {
  /** The certificate, and what is between it and the authority. */
  certificatePem: string;
  keyPem: string;
}

export interface CertificateSource {
  /** Tells of the certificate now and of each later one; what fails is told too, and tried again. */
  start(use: (certificate: Certificate) => void, failed: (error: Error) => void): Promise<void>;
  stop(): void;
}

export function expiryOf(certificatePem: string): Date {
  return new X509Certificate(certificatePem).validToDate;
}
