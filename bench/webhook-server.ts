// The server that bench:webhook measures: all of the webhook, also its Kubernetes client, but no cluster.

import "../webhook/start-webhook.ts";
import { serveWebhook } from "../test/webhook-harness.ts";

const served = await serveWebhook();
process.stdout.write(`${served.port}\n`);
process.once("SIGTERM", () => void served.server.drain());
