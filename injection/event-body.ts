// An Event as the API server takes it (core/v1), the same from the webhook and from the agent.

export interface Involved {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
  /** Unknown for a pod that is being created. */
  uid: string | undefined;
}

export interface EventText {
  type: "Normal" | "Warning";
  /** In one word, CamelCase. */
  reason: string;
  message: string;
}

export interface EventBody {
  metadata: { generateName: string; namespace: string };
  involvedObject: { apiVersion: string; kind: string; namespace: string; name: string; uid?: string };
  type: EventText["type"];
  reason: string;
  message: string;
  source: { component: string; host?: string };
  firstTimestamp: Date;
  lastTimestamp: Date;
  count: number;
}

const MAX_MESSAGE_CHARACTERS = 1024;
const MAX_NAME_CHARACTERS = 200;

export function eventBody(involved: Involved, text: EventText, source: EventBody["source"], now: Date): EventBody {
  const { apiVersion, kind, namespace, name, uid } = involved;
  return {
    metadata: { generateName: `${name.slice(0, MAX_NAME_CHARACTERS)}.procview.`, namespace },
    involvedObject: { apiVersion, kind, namespace, name, ...(uid !== undefined && { uid }) },
    type: text.type,
    reason: text.reason,
    message: text.message.slice(0, MAX_MESSAGE_CHARACTERS),
    source,
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}
