// A real Prometheus scrapes a real agent and a real webhook: every query of the dashboard returns data, no alert fires
// while all is well, and real faults drive alerts to firing.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { concreteQueries, type ShownPanel } from "../../docs/dashboard/queries.ts";
import { DASHBOARD } from "../../docs/dashboard/write.ts";
import { kill } from "../mount/agents.ts";
import { lacks, nothingLeft, SLOWNESS, skip, until } from "../mount/harness.ts";
import { Stage } from "./stage.ts";

const { panels } = JSON.parse(readFileSync(DASHBOARD, "utf8")) as { panels: ShownPanel[] };
const SCRAPE_SECONDS = 1;
const RATE_INTERVAL = "8s";
const SWEEP_MILLIS = 40_000 * SLOWNESS;

describe("Prometheus", { skip: skip || lacks("prometheus") }, () => {
  let stage: Stage;

  before(async () => {
    stage = await Stage.open({
      containers: 2,
      scrapeSeconds: SCRAPE_SECONDS,
      agentFlags: ["--hang-timeout", "60s", "--probe-timeout", `${1000 * SLOWNESS}ms`],
    });
    stage.review(10);
  });

  after(async () => {
    await stage[Symbol.asyncDispose]();
    await nothingLeft();
  });

  test("scrapes agent and webhook", async () => {
    await until("both are up", async () => {
      const targets = await stage.prometheus.targets();
      return targets.length === 2 && targets.every(({ health }) => health === "up");
    });
    const builds = await stage.prometheus.query("procview_build_info");
    assert.deepEqual(builds.map(({ labels }) => labels["component"]).sort(), ["agent", "webhook"]);
  });

  test("has data for every query of the dashboard", async () => {
    await sleep(1000 * SCRAPE_SECONDS * 8 * SLOWNESS);
    for (const { title, expr } of concreteQueries(
      panels.filter(({ type }) => type !== "row"),
      RATE_INTERVAL,
    )) {
      const samples = await stage.prometheus.query(expr);
      assert.ok(samples.length > 0, `${title}: nothing for ${expr}`);
      assert.ok(
        samples.every(({ value }) => Number.isFinite(value)),
        `${title}: ${JSON.stringify(samples)} for ${expr}`,
      );
    }
  });

  test("what happened is what it has", async () => {
    const value = async (expr: string) => (await stage.prometheus.query(expr))[0]?.value ?? Number.NaN;
    for (const moved of [
      'rate(procview_requests_total{file="proc/meminfo",operation="GETATTR"}[8s])',
      'rate(procview_request_seconds_count{file="proc/meminfo"}[8s])',
      'rate(procview_renders_total{file="proc/meminfo"}[8s])',
      'procview_errors_total{reason="ENOENT"}',
      'rate(procview_webhook_reviews_total{decision="mount"}[8s])',
      'rate(procview_webhook_reviews_total{decision="skip",reason="hostPID"}[8s])',
      'rate(procview_webhook_reviews_total{decision="attach"}[8s])',
      "rate(procview_webhook_review_duration_seconds_count[8s])",
      "rate(procview_server_cpu_seconds_total[8s])",
      'procview_attached_containers{state="own"}',
      'procview_attach_total{outcome="attached"}',
    ]) {
      // Containers that nothing told of are found by the next sweep.
      await until(moved, async () => (await value(moved)) > 0, SWEEP_MILLIS);
    }
  });

  test("no alert fires while all is well", async () => {
    const firing = (await stage.prometheus.alerts()).map(({ labels, state }) => `${labels["alertname"]} ${state}`);
    assert.deepEqual(firing, []);
  });

  test("a keeper that is killed over and over: ProcviewKeeperDown fires, on this node, with its page", async () => {
    for (let n = 0; n < 4; n += 1) {
      const [keeper] = stage.root.keeperPids();
      assert.ok(keeper !== undefined);
      kill(keeper);
      await until("another keeper", () => stage.root.keeperPids().some((pid) => pid !== keeper));
      await sleep(1000 * SCRAPE_SECONDS * 2);
    }
    await stage.alertIs("ProcviewKeeperDown", "firing");
    const alert = (await stage.prometheus.alerts()).find(({ labels }) => labels["alertname"] === "ProcviewKeeperDown");
    assert.equal(alert?.annotations["summary"], "Nobody keeps the session of this-machine");
    assert.match(alert?.annotations["runbook_url"] ?? "", /docs\/runbooks\/keeper-down\.md$/);
  });

  test("a server that is stopped: ProcviewAgentNotReady fires, and goes when it runs again", async () => {
    const server = stage.root.server(stage.agent);
    kill(server, "SIGSTOP");
    try {
      await stage.alertIs("ProcviewAgentNotReady", "firing");
    } finally {
      kill(server, "SIGCONT");
    }
    await until(
      "it is ready again",
      async () => (await stage.prometheus.query("procview_ready"))[0]?.value === 1,
      30_000,
    );
  });

  test("a server that is killed over and over: ProcviewServerCrashLoops fires", async () => {
    for (let n = 0; n < 5; n += 1) {
      const server = stage.root.server(stage.agent);
      kill(server);
      await until(
        "another serves",
        async () => {
          const { text } = await stage.agent.ask("/metrics");
          return (
            new RegExp(`procview_server_restarts_total{reason="died"} ${n + 1}$`, "m").test(text) &&
            /^procview_serving 1$/m.test(text)
          );
        },
        30_000 * SLOWNESS,
      );
    }
    await stage.alertIs("ProcviewServerCrashLoops", "firing");
  });

  test("an API server that is gone: ProcviewWebhookUnable fires, with the reason", async () => {
    await stage.webhook.loseApiServer();
    for (let n = 0; n < 3; n += 1) await stage.webhook.reviewUnknown(`new-${n}`);
    await stage.alertIs("ProcviewWebhookUnable", "firing");
    const alert = (await stage.prometheus.alerts()).find(
      ({ labels }) => labels["alertname"] === "ProcviewWebhookUnable",
    );
    assert.equal(alert?.labels["reason"], "unknownNamespace");
  });

  test("an agent that is killed: ProcviewAgentDown fires; its successor takes over", async () => {
    await stage.killAgent();
    await stage.alertIs("ProcviewAgentDown", "firing");
    await stage.startAgent();
    await until("it is up", async () => (await stage.prometheus.query('up{job="procview-agent"}'))[0]?.value === 1);
    const takeovers = async () => (await stage.prometheus.query("procview_session_takeovers_total"))[0]?.value;
    await until("the takeover is told", async () => (await takeovers()) === 1);
  });
});
