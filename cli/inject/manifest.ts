// A file of YAML documents, injected: only what is added changes; comments, order and quotes stay.

import { type Document, isCollection, parseAllDocuments } from "yaml";
import { type Decision, decideInjection } from "../../injection/decide-injection.ts";
import type { Labels } from "../../injection/pod.ts";
import type { Policy } from "../../injection/policy.ts";
import { type JsonPatch, keysOf } from "../../webhook/json-patch.ts";
import { mutatePod } from "../../webhook/mutate-pod.ts";
import { podTemplatesOf } from "../../webhook/pod-templates.ts";
import { CliError } from "../exit-codes.ts";

export interface Surroundings {
  policy: Policy;
  /** For objects that name none. */
  namespace: string;
  namespaceLabels: Labels;
}

export interface InjectedPod {
  /** "Deployment/web" */
  owner: string;
  decision: Decision;
  patch: JsonPatch;
}

export interface InjectedManifest {
  /** As it was, written as the result is: what differs was injected. */
  before: string;
  after: string;
  pods: readonly InjectedPod[];
}

export function injectManifest(name: string, text: string, surroundings: Surroundings): InjectedManifest {
  const documents = parse(name, text);
  const style = { lineWidth: 0, indentSeq: !HAS_FLUSH_SEQUENCES.test(text), flowCollectionPadding: !/\{\S/.test(text) };
  const print = (): string =>
    text.trimStart().startsWith("{")
      ? documents.map((document) => `${JSON.stringify(document.toJS(), undefined, 2)}\n`).join("")
      : documents.map((document) => document.toString(style)).join("");
  const before = print();
  const pods = documents.flatMap((document) => injectDocument(document, surroundings));
  return { before, after: pods.every(({ patch }) => patch.length === 0) ? text : print(), pods };
}

/** Sequences whose dashes stand below their key, as kubectl prints them. */
const HAS_FLUSH_SEQUENCES = /^( *)[^\s#-][^\n]*:\n\1- /m;

function injectDocument(document: Document.Parsed, surroundings: Surroundings): InjectedPod[] {
  return podTemplatesOf(document.toJS()).map(({ owner, namespace = surroundings.namespace, path, pod }) => {
    const decision = decideInjection({ ...surroundings, pod, namespace });
    const patch = mutatePod(pod, decision).map((operation) => ({ ...operation, path: path + operation.path }));
    for (const operation of patch) add(document, keysOf(operation.path), operation.value);
    return { owner, decision, patch };
  });
}

/** The "add" of JSON Patch on the nodes of the document, so that all others are printed as they were read. */
function add(document: Document.Parsed, keys: readonly string[], value: unknown): void {
  const last = keys.at(-1);
  if (last === "-") document.addIn(keys.slice(0, -1), document.createNode(value));
  else document.setIn(keys, document.createNode(value));
  const parent = document.getIn(keys.slice(0, -1));
  // What was written as [] or {} grows over lines, what was written in one stays in one.
  if (isCollection(parent)) parent.flow = parent.flow === true && parent.items.length > 1;
}

function parse(name: string, text: string): Document.Parsed[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) throw new CliError("badManifest", `${name} is empty; give it a Kubernetes object`);
  for (const { errors } of documents) {
    const [error] = errors;
    if (error !== undefined)
      throw new CliError("badManifest", `${name} is no YAML: ${error.message}`, { cause: error });
  }
  return documents;
}
