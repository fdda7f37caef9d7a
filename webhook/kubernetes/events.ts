// Events about what was skipped that somebody asked for: on the owner that creates such pods, or on the pod itself once
// it is there. Never in the way of an answer; the same news of the same object is told once in ten minutes.

import type { CoreV1Api, CoreV1Event } from "@kubernetes/client-node";
import type { Logger } from "pino";
import type { AdmissionReview } from "../admission-review.ts";
import type { Metrics } from "../server/metrics.ts";
import type { Audit } from "../server/mutate-handler.ts";
import { type Involved, involvedIn } from "./involved-object.ts";

const REPEAT_MILLIS = 10 * 60 * 1000;
const MAX_REMEMBERED = 4096;
const MAX_PENDING = 64;
/** A pod exists only after its admission. */
const POD_DELAYS_MILLIS = [1000, 3000, 6000];
const MAX_MESSAGE_CHARACTERS = 1024;

export class EventAudit implements Audit {
  readonly #api: CoreV1Api;
  readonly #events: Metrics["events"];
  readonly #log: Logger;
  /** When the news of an object was told, the oldest first. */
  readonly #told = new Map<string, number>();
  #pending = 0;

  constructor(api: CoreV1Api, events: Metrics["events"], log: Logger) {
    this.#api = api;
    this.#events = events;
    this.#log = log;
  }

  tell(review: AdmissionReview, news: readonly string[]): void {
    const involved = involvedIn(review.request);
    const message = news.join(". ").slice(0, MAX_MESSAGE_CHARACTERS);
    if (involved === undefined || this.#pending >= MAX_PENDING) this.#count("dropped");
    else if (this.#isRepeated(`${involved.kind}/${involved.namespace}/${involved.name}: ${message}`)) {
      this.#count("repeated");
    } else void this.#write(involved, message);
  }

  async #write(involved: Involved, message: string): Promise<void> {
    this.#pending += 1;
    try {
      const uid = involved.uid ?? (await this.#uidOf(involved));
      const body = eventOf({ ...involved, uid }, message, new Date());
      if (uid !== undefined) await this.#api.createNamespacedEvent({ namespace: involved.namespace, body });
      this.#count(uid === undefined ? "dropped" : "written");
    } catch (error) {
      this.#count("failed");
      this.#log.warn({ err: error, kind: involved.kind, name: involved.name }, "an Event could not be written");
    } finally {
      this.#pending -= 1;
    }
  }

  async #uidOf({ namespace, name }: Involved): Promise<string | undefined> {
    for (const delay of POD_DELAYS_MILLIS) {
      await new Promise((resolve) => setTimeout(resolve, delay).unref());
      const pod = await this.#api.readNamespacedPod({ namespace, name }).catch(() => undefined);
      if (pod?.metadata?.uid !== undefined) return pod.metadata.uid;
    }
    return undefined;
  }

  #isRepeated(news: string): boolean {
    const now = Date.now();
    const last = this.#told.get(news);
    if (last !== undefined && now - last < REPEAT_MILLIS) return true;
    this.#told.delete(news);
    this.#told.set(news, now);
    const oldest = this.#told.keys().next();
    if (this.#told.size > MAX_REMEMBERED && !oldest.done) this.#told.delete(oldest.value);
    return false;
  }

  #count(result: "written" | "repeated" | "dropped" | "failed"): void {
    this.#events.inc({ result });
  }
}

function eventOf({ apiVersion, kind, namespace, name, uid }: Involved, message: string, now: Date): CoreV1Event {
  return {
    metadata: { generateName: `${name.slice(0, 200)}.procview.`, namespace },
    involvedObject: { apiVersion, kind, namespace, name, ...(uid !== undefined && { uid }) },
    type: "Warning",
    reason: "ProcviewSkipped",
    message,
    source: { component: "procview-webhook" },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}
