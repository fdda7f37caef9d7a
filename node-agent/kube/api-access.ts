// Where the API server is and who we are there: what every pod finds in its environment and its service account.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where the kubelet puts the token of a pod's service account. */
export const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

export interface ApiAccess {
  host: string;
  port: number;
  /** Certificates, PEM, that the server's must come from. */
  authorities: string;
  /** Read at every request: the kubelet renews it. */
  token(): string;
}

/** Not in a pod, or in one without a service account. */
export class NoClusterError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NoClusterError";
  }
}

/** Throws NoClusterError with what is missing. */
export function accessFromPod(environment: NodeJS.ProcessEnv, directory: string): ApiAccess {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (host === undefined || port === undefined) {
    throw new NoClusterError("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: run the agent in a pod");
  }
  const tokenFile = join(directory, "token");
  if (!existsSync(tokenFile)) {
    throw new NoClusterError(`There is no ${tokenFile}; let the pod have its service account's token`);
  }
  return {
    host,
    port: Number(port),
    authorities: readFileSync(join(directory, "ca.crt"), "utf8"),
    token: () => readFileSync(tokenFile, "utf8").trim(),
  };
}
