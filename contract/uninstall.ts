// What `procview uninstall` and an agent tell each other, in the annotation procview.io/uninstall of the agent's pod.

export const UNINSTALL = { requested: "requested", done: "done", failed: "failed: " } as const;
