// Events about what was skipped that somebody asked for: on the owner that creates such pods, or on the pod itself once
// it is there. Never in the way of an answer; the same news of the same object is told once in ten minutes.

import type { CoreV1Api } from "@kubernetes/client-node";
import type { Logger } from "pino";
import { eventBody, type Involved } from "../../injection/event-body.ts";
import { RecentNews } from "../../injection/recent-news.ts";
import type { AdmissionReview } from "../admission-review.ts";
import type { Metrics } from "../server/metrics.ts";
import type { Audit } from "../server/mutate-handler.ts";
import { involvedIn } from "./involved-object.ts";

const MAX_PENDING = 64;
/** A pod exists only after its admission. */
const POD_DELAYS_MILLIS = [1000, 3000, 6000];

const SOURCE = { component: "procview-webhook" };

export class EventAudit implements Audit {
  readonly #api: CoreV1Api;
  readonly #events: Metrics["events"];
  readonly #log: Logger;
  readonly #recent = new RecentNews();
  #pending = 0;

  constructor(api: CoreV1Api, events: Metrics["events"], log: Logger) {
    this.#api = api;
    this.#events = events;
    this.#log = log;
  }

  tell(review: AdmissionReview, news: readonly string[]): void {
    const involved = involvedIn(review.request);
    const message = news.join(". ");
    if (involved === undefined || this.#pending >= MAX_PENDING) this.#count("dropped");
    else if (
      this.#recent.isRepeated(`${involved.kind}/${involved.namespace}/${involved.name}: ${message}`, Date.now())
    ) {
      this.#count("repeated");
    } else void this.#write(involved, message);
  }

  async #write(involved: Involved, message: string): Promise<void> {
    this.#pending += 1;
    try {
      const uid = involved.uid ?? (await this.#uidOf(involved));
      const body = eventBody(
        { ...involved, uid },
        { type: "Warning", reason: "ProcviewSkipped", message },
        SOURCE,
        new Date(),
      );
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

  #count(result: "written" | "repeated" | "dropped" | "failed"): void {
    this.#events.inc({ result });
  }
}
