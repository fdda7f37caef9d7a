// Calls to the API server, over node:https: @kubernetes/client-node takes 76 MiB to load (docs/adr/0018).

import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { createInterface } from "node:readline";
import type { ApiAccess } from "./api-access.ts";

/** How long an answer may take; a watch has as long as it asked for. */
const ANSWER_MILLIS = 15_000;
/** A peer that is gone without a word is noticed ten seconds after that. */
const KEEP_ALIVE_MILLIS = 30_000;
const MAX_SOCKETS = 4;

export const JSON_TYPE = "application/json";
export const MERGE_PATCH_TYPE = "application/merge-patch+json";
export const JSON_PATCH_TYPE = "application/json-patch+json";
/** Objects without their spec and status, which are none of our business. */
export const METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
export const METADATA_ONLY_WATCH = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/** The API server said no; `status` is that of HTTP. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

export interface ApiCall {
  method?: "GET" | "POST" | "PATCH" | "PUT";
  /** With its query. */
  path: string;
  accept?: string;
  body?: unknown;
  bodyType?: string;
}

export class ApiClient {
  readonly #access: ApiAccess;
  readonly #sockets: Agent;

  constructor(access: ApiAccess) {
    this.#access = access;
    const { authorities: ca } = access;
    this.#sockets = new Agent({ ca, keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MILLIS, maxSockets: MAX_SOCKETS });
  }

  /** The answer, parsed. Throws ApiError, or what the network said. */
  async call(call: ApiCall): Promise<unknown> {
    const response = await this.#send(call, AbortSignal.timeout(ANSWER_MILLIS));
    const text = await textOf(response);
    if ((response.statusCode ?? 0) >= 300) throw refusal(call, response, text);
    return JSON.parse(text);
  }

  /**
   * Has `take` see every line of an answer, parsed, until it ends; `begun` is called once the server has agreed. Throws as
   * `call` does, and what `take` throws.
   */
  async lines(
    call: ApiCall,
    { begun, take }: { begun: () => void; take: (line: unknown) => void },
    signal: AbortSignal,
  ): Promise<void> {
    const response = await this.#send(call, signal);
    if ((response.statusCode ?? 0) >= 300) throw refusal(call, response, await textOf(response));
    begun();
    try {
      for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
        take(JSON.parse(line));
      }
      if (!response.complete) throw new Error(`the answer to ${call.path} was cut off`);
    } finally {
      response.destroy();
    }
  }

  close(): void {
    this.#sockets.destroy();
  }

  #send({ method = "GET", path, accept = JSON_TYPE, body, bodyType }: ApiCall, signal: AbortSignal) {
    const { host, port, token } = this.#access;
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      accept,
      authorization: `Bearer ${token()}`,
      "user-agent": "procview-agent",
      ...(payload !== undefined && {
        "content-type": bodyType ?? JSON_TYPE,
        "content-length": Buffer.byteLength(payload),
      }),
    };
    return new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request({ host, port, path, method, headers, agent: this.#sockets, signal }, resolve);
      sent.once("error", reject);
      sent.once("socket", (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MILLIS));
      sent.end(payload);
    });
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** The server's own words, where it has any: a Status object. */
function refusal({ method = "GET", path }: ApiCall, { statusCode = 0 }: IncomingMessage, text: string): ApiError {
  let said = text.slice(0, 200);
  try {
    said = (JSON.parse(text) as { message?: string }).message ?? said;
  } catch {
    // Not from the API server itself.
  }
  return new ApiError(statusCode, `${method} ${path}: ${statusCode} ${said}`);
}
