// The shipped alerts: promtool accepts them, each fires on what it is for and on nothing close to that, says what it
// should, leads to a page, and asks for metrics and labels that there are.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { agentMetrics, allMetrics } from "../../../docs/metrics.ts";
import { isFine, OUTCOMES } from "../../../node-agent/attach/outcomes.ts";
import { lacks } from "../../mount/harness.ts";
import { ALERT_CASES } from "./alert-cases.ts";

const ROOT = new URL("../../..", import.meta.url).pathname;
const ALERTS = join(ROOT, "charts/procview/files/alerts.yaml");
const RUNBOOKS = "https://github.com/procview/procview/blob/main/docs/runbooks/";

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook_url: string };
}

const { groups } = parse(readFileSync(ALERTS, "utf8")) as { groups: { name: string; rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const ruleOf = (alert: string): Rule => {
  const rule = rules.find((candidate) => candidate.alert === alert);
  assert.ok(rule !== undefined, `no alert ${alert}`);
  return rule;
};

describe("promtool", { skip: lacks("promtool") }, () => {
  test("accepts the rules", () => {
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "rules", "--lint-fatal", ALERTS], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stdout + stderr);
  });

  for (const [number, one] of ALERT_CASES.entries()) {
    const { alert, firing, minutes, labels, summary, description } = one;
    const { runbook_url } = ruleOf(alert).annotations;
    const alerts = [{ exp_labels: labels, exp_annotations: { summary, description, runbook_url } }];
    test(`${alert} fires (${number + 1})`, () => testRules(alert, firing, minutes, alerts));
    for (const [what, series] of Object.entries(one.quiet)) {
      test(`${alert} does not for: ${what}`, () => testRules(alert, series, minutes, []));
    }
  }
});

/** `promtool test rules` of one case. What must not fire is looked at in every minute. */
function testRules(alert: string, series: Readonly<Record<string, string>>, minutes: number, expected: object[]): void {
  const folder = mkdtempSync(join(tmpdir(), "procview-alerts-"));
  const file = join(folder, "test.yaml");
  const input = Object.entries(series).map(([name, values]) => ({ series: name, values }));
  const look = (minute: number, alerts: object[]) => ({
    eval_time: `${minute}m`,
    alertname: alert,
    exp_alerts: alerts,
  });
  const quiet = Array.from({ length: expected.length === 0 ? minutes : 1 }, (_, minute) => look(minute, []));
  const looks = [...quiet, look(minutes, expected)];
  // YAML takes JSON.
  writeFileSync(
    file,
    JSON.stringify({
      rule_files: [ALERTS],
      evaluation_interval: "1m",
      tests: [{ interval: "1m", input_series: input, alert_rule_test: looks }],
    }),
  );
  const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  assert.equal(status, 0, stdout + stderr);
}

test("every alert has a case in which it fires, and one in which it does not", () => {
  for (const { alert } of rules) {
    const cases = ALERT_CASES.filter((one) => one.alert === alert);
    assert.ok(cases.length > 0, alert);
    assert.ok(
      cases.some(({ quiet }) => Object.keys(quiet).length > 0),
      alert,
    );
  }
});

test("every alert leads to a page that tells what it means, what users see, how to find out, how to fix it", () => {
  const pages = rules.map(({ alert, labels, annotations }) => {
    assert.match(labels.severity, /^(critical|warning)$/, alert);
    assert.ok(annotations.runbook_url.startsWith(RUNBOOKS), alert);
    const page = annotations.runbook_url.slice(RUNBOOKS.length);
    const text = readFileSync(join(ROOT, "docs/runbooks", page), "utf8");
    assert.deepEqual(
      text.match(/^##? .*/gm),
      [`# ${alert}`, "## What it means", "## What users see", "## How to find out", "## How to fix it"],
      page,
    );
    return page;
  });
  assert.deepEqual(readdirSync(join(ROOT, "docs/runbooks")).sort(), pages.sort());
});

test("every metric of ours that an alert or a page names exists", async () => {
  const known = new Set((await allMetrics()).flatMap(({ samples }) => samples));
  const texts = [...rules.map(({ expr }) => expr), ...readdirSync(join(ROOT, "docs/runbooks")).map(pageOf)];
  for (const text of texts) {
    for (const [name] of text.matchAll(/\bprocview_[a-z0-9_]+/g)) assert.ok(known.has(name), `${name}: ${text}`);
  }
});

function pageOf(name: string): string {
  return readFileSync(join(ROOT, "docs/runbooks", name), "utf8");
}

test("ProcviewAttachFails counts the outcomes that ask for attention, all of them", () => {
  const counted = /outcome=~"([^"]+)"/.exec(ruleOf("ProcviewAttachFails").expr)?.[1]?.split("|");
  assert.deepEqual(counted?.sort(), OUTCOMES.filter((outcome) => !isFine(outcome)).sort());
});

test("reasons of ProcviewReadsFailing and states of ProcviewMountsNotHealed are values of those labels", async () => {
  const metrics = await agentMetrics();
  const values = (name: string, label: string) => metrics.find((metric) => metric.name === name)?.labels[label] ?? [];
  const asked = (alert: string, label: string) =>
    new RegExp(`${label}=~"([^"]+)"`).exec(ruleOf(alert).expr)?.[1]?.split("|") ?? [];
  for (const reason of asked("ProcviewReadsFailing", "reason")) {
    assert.ok(values("procview_errors_total", "reason").includes(reason), reason);
  }
  for (const state of asked("ProcviewMountsNotHealed", "state")) {
    assert.ok(values("procview_attached_files", "state").includes(state), state);
  }
});
