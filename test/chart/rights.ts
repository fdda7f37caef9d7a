// What a Role or ClusterRole allows, a line a resource.

import type { AnyObject } from "./render.ts";

interface Rule {
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

/** "secrets/procview-webhook-tls: get,patch" */
export function rightsOf(role: AnyObject): string[] {
  return (role["rules"] as Rule[]).flatMap(({ resources, resourceNames, verbs }) =>
    resources.map((name) => `${name}${resourceNames ? `/${resourceNames}` : ""}: ${verbs}`),
  );
}
