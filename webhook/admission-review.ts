// AdmissionReview as bytes and back; https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers

import type { JsonPatch } from "./json-patch.ts";

export interface AdmissionRequest {
  uid: string;
  kind?: { group?: string; version?: string; kind?: string };
  resource?: { group?: string; version?: string; resource?: string };
  subResource?: string;
  operation?: string;
  namespace?: string;
  name?: string;
  dryRun?: boolean;
  object?: unknown;
}

export interface AdmissionReview {
  apiVersion: string;
  request: AdmissionRequest;
}

/** A request that is no review: answered by an HTTP status, since there is nobody's uid to answer to. */
export class AdmissionError extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AdmissionError";
    this.status = status;
  }
}

export const SUPPORTED_VERSION = "admission.k8s.io/v1";

export function decodeReview(body: string): AdmissionReview {
  const review = parse(body);
  if (!isObject(review) || review["kind"] !== "AdmissionReview") {
    throw new AdmissionError(
      400,
      `The body is no AdmissionReview but ${described(review)}; send one of ${SUPPORTED_VERSION}`,
    );
  }
  const { apiVersion, request } = review;
  if (typeof apiVersion !== "string" || !apiVersion.startsWith("admission.k8s.io/")) {
    throw new AdmissionError(400, `apiVersion is ${JSON.stringify(apiVersion)}; send ${SUPPORTED_VERSION}`);
  }
  if (!isObject(request) || typeof request["uid"] !== "string" || request["uid"] === "") {
    throw new AdmissionError(
      400,
      "The AdmissionReview has no request with a uid; without it there is nothing to answer",
    );
  }
  return { apiVersion, request: request as unknown as AdmissionRequest };
}

/** The API server shows the warnings to whoever typed the command. */
export function encodeReview(
  { apiVersion, request }: AdmissionReview,
  patch: JsonPatch,
  warnings: readonly string[],
): object {
  return {
    apiVersion,
    kind: "AdmissionReview",
    response: {
      uid: request.uid,
      allowed: true,
      ...(patch.length > 0 && { patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(patch)).toString("base64") }),
      ...(warnings.length > 0 && { warnings: warnings.slice(0, MAX_WARNINGS).map(warningOf) }),
    },
  };
}

/** Clients may cut what is longer; https://kubernetes.io/blog/2020/09/03/warnings */
const MAX_WARNINGS = 8;
const MAX_WARNING_CHARACTERS = 256;

function warningOf(text: string): string {
  const line = `procview: ${text}`;
  return line.length > MAX_WARNING_CHARACTERS ? `${line.slice(0, MAX_WARNING_CHARACTERS - 3)}...` : line;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new AdmissionError(400, `The body is no JSON: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

function described(value: unknown): string {
  return isObject(value) ? `kind ${JSON.stringify(value["kind"])}` : typeof value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
