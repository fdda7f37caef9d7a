// The chart, rendered by the real helm, as objects.

import { parseAllDocuments } from "yaml";
import { helm, whyNoHelm } from "../cluster/helm-binary.ts";
import type { KubernetesObject } from "../object-schema.ts";

export const CHART = new URL("../../charts/procview", import.meta.url).pathname;
export const NEWEST = "1.35.0";
export const OLDEST = "1.20.0";

/** False where helm runs; a reason where it does not. */
export const skip: string | false = whyNoHelm() ?? false;

export interface Rendering {
  /** As --set-json takes them: {"webhook.replicas": 3}. */
  values?: Readonly<Record<string, unknown>>;
  version?: string;
  apis?: readonly string[];
  release?: string;
}

const rendered = new Map<string, string>();

/** What helm prints, kept for who asks again. Throws what it says where it fails. */
export function renderText({ values = {}, version = NEWEST, apis = [], release = "procview" }: Rendering = {}): string {
  const args = [
    ...["template", release, CHART, "--namespace", "procview-system", "--kube-version", version],
    ...apis.flatMap((api) => ["--api-versions", api]),
    ...Object.entries(values).flatMap(([name, value]) => ["--set-json", `${name}=${JSON.stringify(value)}`]),
  ];
  const known = rendered.get(args.join(" "));
  if (known !== undefined) return known;
  const { status, stdout, stderr } = helm(args);
  if (status !== 0) throw new Error(stderr);
  rendered.set(args.join(" "), stdout);
  return stdout;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look at objects of every kind.
export type AnyObject = KubernetesObject & Record<string, any>;

export function render(rendering?: Rendering): AnyObject[] {
  return parseAllDocuments(renderText(rendering))
    .map((document) => document.toJSON())
    .filter((object) => object !== null);
}

/** The object of that kind and name; throws where there is none. */
export function find(objects: readonly AnyObject[], kind: string, name?: string): AnyObject {
  const found = objects.find((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
  if (found === undefined) throw new Error(`no ${kind} ${name ?? ""} among ${objects.map((each) => each.kind)}`);
  return found;
}

export function has(objects: readonly AnyObject[], kind: string, name?: string): boolean {
  return objects.some((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
}
