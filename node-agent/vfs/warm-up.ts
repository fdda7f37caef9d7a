// Renders what a predecessor showed, each file once, for nobody: code that runs for the first time is compiled first, which
// takes a second on a busy machine. No reader waits for it as long as the keeper stands in.

import type { Contents } from "./file-system.ts";
import { indexOf, keyOf, type NodeId } from "./node-id.ts";
import type { Tree } from "./tree.ts";

export function warmUp(shown: Iterable<NodeId>, tree: Tree, contents: Contents): void {
  const warm = new Set<number>();
  for (const { high, low } of shown) {
    const [key, node] = [keyOf(high, low), tree.node(indexOf(low))];
    if (node === undefined || warm.has(node.index) || !contents.hasContainer(key)) continue;
    warm.add(node.index);
    try {
      contents.render(key, node);
    } catch {
      // Whoever asks for it is told, and it is counted then.
    }
  }
}
