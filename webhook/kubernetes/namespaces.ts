// Labels of namespaces: watched, so that an answer needs no call. A namespace that the watch has not seen yet, since it
// was made a moment ago, is asked for.

import { setTimeout } from "node:timers/promises";
import { type CoreV1Api, type KubeConfig, makeInformer, type V1Namespace } from "@kubernetes/client-node";
import type { Labels } from "../../injection/pod.ts";
import type { Namespaces } from "../server/mutate-handler.ts";
import { ifFound } from "./errors.ts";

const RETRY_MILLIS = 3000;
/** A review has a few seconds in all. */
const ASK_MILLIS = 1000;

export interface WatchedNamespaces extends Namespaces {
  /** Whether all that there are have been seen. */
  synced(): boolean;
  start(failed: (error: Error) => void): void;
  stop(): void;
}

export function watchNamespaces(config: KubeConfig, api: CoreV1Api): WatchedNamespaces {
  let synced = false;
  let stopped = false;
  const informer = makeInformer<V1Namespace>(config, "/api/v1/namespaces", async () => {
    const list = await api.listNamespace();
    synced = true;
    return list;
  });
  const labelsIn = (namespace: V1Namespace): Labels => namespace.metadata?.labels ?? {};
  const start = (failed: (error: Error) => void): void => {
    const again = (error: unknown): void => {
      if (stopped) return;
      failed(error instanceof Error ? error : new Error(String(error)));
      void setTimeout(RETRY_MILLIS, undefined, { ref: false }).then(begin);
    };
    // A list or a watch that fails is told as an event, and start() returns all the same.
    const begin = (): Promise<void> => informer.start().catch(again);
    informer.on("error", again);
    void begin();
  };
  return {
    synced: () => synced,
    start,
    stop() {
      stopped = true;
      void informer.stop();
    },
    labelsOf(name) {
      const namespace = informer.get(name);
      return namespace === undefined ? ask(api, name) : labelsIn(namespace);
    },
  };

  async function ask(core: CoreV1Api, name: string): Promise<Labels | undefined> {
    const asking = ifFound(core.readNamespace({ name })).then(
      (namespace) => namespace && labelsIn(namespace),
      () => undefined,
    );
    return await Promise.race([asking, setTimeout(ASK_MILLIS, undefined, { ref: false })]);
  }
}
