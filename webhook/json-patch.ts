// JSON Patch, RFC 6902: the two ways in which we add.

export interface AddOperation {
  op: "add";
  path: string;
  value: unknown;
}

export type JsonPatch = readonly AddOperation[];

/** "/metadata/annotations/procview.io~1status" */
export function pointer(...keys: readonly (string | number)[]): string {
  return keys.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The keys of a pointer, the other way round. */
export function keysOf(path: string): string[] {
  return path
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Appends to an array, or makes it where there is none: "/-" needs one, and adding one that is there would replace it. */
export function append(
  path: string,
  present: readonly unknown[] | null | undefined,
  items: readonly unknown[],
): JsonPatch {
  if (items.length === 0) return [];
  if (present == null) return [{ op: "add", path, value: items }];
  return items.map((value) => ({ op: "add", path: `${path}/-`, value }));
}

/** Sets members of an object without touching its others, or makes the object. */
export function setMembers(
  path: string,
  present: object | null | undefined,
  members: Record<string, unknown>,
): JsonPatch {
  if (present == null) return [{ op: "add", path, value: members }];
  return Object.entries(members).map(([key, value]) => ({ op: "add", path: `${path}${pointer(key)}`, value }));
}
