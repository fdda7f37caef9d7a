// Where the chart puts agents.

export const AGENT_SELECTOR = "app.kubernetes.io/name=procview,app.kubernetes.io/component=agent";
export const AGENT_PORT = 9464;
