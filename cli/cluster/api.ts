// The cluster as a person or a Job reaches it: by kubeconfig, or by the service account of the pod. Loaded only where it
// is used: the client takes a second and 80 MiB.

import { ApiException, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { CliError } from "../exit-codes.ts";

export interface ClusterFlags {
  kubeconfig?: string;
  context?: string;
}

export interface Cluster {
  config: KubeConfig;
  core: CoreV1Api;
  /** Of the kubeconfig's context. */
  namespace: string;
}

/** Throws CliError where there is no cluster to talk to. */
export function connect({ kubeconfig, context }: ClusterFlags): Cluster {
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
    if (context !== undefined) config.setCurrentContext(context);
    const core = config.makeApiClient(CoreV1Api);
    return { config, core, namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? "default" };
  } catch (error) {
    throw new CliError("noCluster", `No cluster: ${said(error)}; see "kubectl config view"`, { cause: error });
  }
}

/** What a call gives. Throws CliError with the server's own words. */
export async function asked<Value>(what: string, answer: Promise<Value>): Promise<Value> {
  try {
    return await answer;
  } catch (error) {
    throw new CliError("noCluster", `${what}: ${said(error)}`, { cause: error });
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiException && error.code === 404;
}

function said(error: unknown): string {
  if (error instanceof ApiException) return `${error.code} ${wordsOf(error.body)}`;
  return error instanceof Error ? error.message : String(error);
}

/** A Status object, as text. */
function wordsOf(body: unknown): string {
  try {
    const status = typeof body === "string" ? JSON.parse(body) : body;
    return (status as { message?: string }).message ?? String(body);
  } catch {
    return String(body);
  }
}
