// Renders what a predecessor showed, for nobody. Code that runs for the first time is compiled first, which takes a second
// on a busy machine; and what is known of a container, and kept open of it, is found when it is first asked for. All that
// read wait at once for whoever begins to serve: no reader waits for this, as long as the keeper stands in.

import type { Contents } from "./file-system.ts";
import { type ContainerKey, indexOf, keyOf, type NodeId } from "./node-id.ts";
import type { Node, Tree } from "./tree.ts";

/** The keeper shows what was: not for much longer than a start takes anyway. */
const LIMIT_MILLIS = 1000;

/** Each file once, for whichever container; then for all others that live, until it takes too long. `now` in milliseconds. */
export function warmUp(shown: Iterable<NodeId>, tree: Tree, contents: Contents, now: () => number): void {
  const living = new Set(contents.containers());
  const known = new Set<number>();
  const others: [ContainerKey, Node][] = [];
  for (const { high, low } of shown) {
    const [key, node] = [keyOf(high, low), tree.node(indexOf(low))];
    if (node === undefined || !living.has(key)) continue;
    if (known.has(node.index)) others.push([key, node]);
    else render(key, node);
    known.add(node.index);
  }
  const end = now() + LIMIT_MILLIS;
  for (const [key, node] of others) {
    if (now() > end) return;
    render(key, node);
  }

  function render(key: ContainerKey, node: Node): void {
    try {
      contents.render(key, node);
    } catch {
      // Whoever asks for it is told, and it is counted then.
    }
  }
}
