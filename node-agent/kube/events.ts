// Events on pods about what the agent did. The same about the same pod is told once in ten minutes, and a node that has
// much to tell drops what is over its rate: metrics have the numbers.

import { type EventText, eventBody } from "../../injection/event-body.ts";
import { RecentNews } from "../../injection/recent-news.ts";
import type { ApiClient } from "./api-client.ts";
import type { RunningPod } from "./running-pod.ts";
import { TokenBucket } from "./token-bucket.ts";

const BURST = 25;
const PER_SECOND = 1;

export interface EventObserver {
  told(result: "written" | "repeated" | "dropped" | "failed", error?: unknown): void;
}

export class PodEvents {
  readonly #client: ApiClient;
  readonly #node: string;
  readonly #observer: EventObserver;
  readonly #recent = new RecentNews();
  readonly #bucket = new TokenBucket(BURST, PER_SECOND);

  constructor(client: ApiClient, node: string, observer: EventObserver) {
    this.#client = client;
    this.#node = node;
    this.#observer = observer;
  }

  /** Never throws, and is waited for by nobody. */
  async tell({ namespace, name, uid }: RunningPod, text: EventText): Promise<void> {
    const now = new Date();
    if (text.type === "Warning" && this.#recent.isRepeated(`${uid} ${text.message}`, now.getTime())) {
      this.#observer.told("repeated");
    } else if (!this.#bucket.take(now.getTime())) {
      this.#observer.told("dropped");
    } else {
      const source = { component: "procview-agent", host: this.#node };
      const body = eventBody({ apiVersion: "v1", kind: "Pod", namespace, name, uid }, text, source, now);
      await this.#client.call({ method: "POST", path: `/api/v1/namespaces/${namespace}/events`, body }).then(
        () => this.#observer.told("written"),
        (error: unknown) => this.#observer.told("failed", error),
      );
    }
  }
}
