// Labels that opt in and out, on pods and namespaces. The pod's word counts before its namespace's.

export interface OptInLabel {
  key: string;
  enabled: string;
  disabled: string;
}

export const INJECT_LABEL: OptInLabel = { key: "procview.io/inject", enabled: "enabled", disabled: "disabled" };

/** Pod Security: the level a namespace enforces; https://kubernetes.io/docs/concepts/security/pod-security-admission */
export const POD_SECURITY_LABEL = "pod-security.kubernetes.io/enforce";

/** Levels that refuse every hostPath volume. */
export const LEVELS_WITHOUT_HOST_PATH: readonly string[] = ["baseline", "restricted"];
