// In which order files are rendered for nobody, before a process serves (session/rehearsal.ts).

import { indexOf, keyOf, type NodeId } from "./node-id.ts";

export interface WarmUpOrder {
  /** Each file once, of whichever container: its code is compiled. */
  first: readonly NodeId[];
  /** All others: what is known of a container, and kept open of it, is found. */
  others: readonly NodeId[];
}

/** Of files that were shown, those of containers that live. */
export function warmUpOrder(shown: Iterable<NodeId>, living: ReadonlySet<number>): WarmUpOrder {
  const first = new Map<number, NodeId>();
  const others: NodeId[] = [];
  for (const node of shown) {
    if (!living.has(keyOf(node.high, node.low))) continue;
    const index = indexOf(node.low);
    if (first.has(index)) others.push(node);
    else first.set(index, node);
  }
  return { first: [...first.values()], others };
}
