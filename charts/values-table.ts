// The values of the chart as rows of a table, from values.yaml: name, default, and the comment above.

import { readFileSync } from "node:fs";
import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from "yaml";

export interface ValueRow {
  /** "agent.freshness" */
  name: string;
  default: unknown;
  /** Empty where nobody wrote one. */
  comment: string;
}

const VALUES = new URL("procview/values.yaml", import.meta.url);

/** A map with a comment of its own is one value, such as `resources`; one without holds values. */
export function valueRows(yaml: string = readFileSync(VALUES, "utf8")): ValueRow[] {
  const { contents } = parseDocument(yaml);
  return isMap(contents) ? rowsOf(contents, "") : [];
}

function rowsOf(map: YAMLMap, prefix: string): ValueRow[] {
  return map.items.flatMap((pair, index) => {
    const key = isScalar(pair.key) ? String(pair.key.value) : "";
    // The comment above the first member of a map is kept at the map.
    const comment = plain(commentOf(pair) ?? (index === 0 ? map.commentBefore : undefined));
    const name = `${prefix}${key}`;
    if (isMap(pair.value) && comment === "") return rowsOf(pair.value, `${name}.`);
    return [{ name, default: (map.toJSON() as Record<string, unknown>)[key], comment }];
  });
}

function commentOf({ key }: Pair): string | null | undefined {
  return isScalar(key) ? key.commentBefore : undefined;
}

/** The paragraph right above, on one line: what stands before an empty line is about the file. */
function plain(comment: string | null | undefined): string {
  const [last = ""] = (comment ?? "").split(/\n\s*\n/).slice(-1);
  return last
    .split("\n")
    .map((line) => line.trim())
    .join(" ")
    .trim();
}
