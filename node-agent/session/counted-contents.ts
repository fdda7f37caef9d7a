// Contents whose renderings are counted.

import { ContainerContents } from "../container-contents.ts";
import type { ContainerKey } from "../vfs/node-id.ts";
import type { Node } from "../vfs/tree.ts";
import type { Recorder } from "./recorder.ts";

export class CountedContents extends ContainerContents {
  recorder: Recorder | undefined;

  override render(key: ContainerKey, node: Node): Buffer {
    this.recorder?.rendered(node.path);
    return super.render(key, node);
  }
}
