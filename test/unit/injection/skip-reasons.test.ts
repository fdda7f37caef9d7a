import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { ATTACH_REASONS, PART_SKIP_REASONS, POD_SKIP_REASONS, sentenceOf } from "../../../injection/skip-reasons.ts";

const CASES = new URL("../../fixtures/pods/", import.meta.url);

/** Those that are about the request, not about a pod: test/unit/webhook/review-pod.test.ts. */
const OF_REQUESTS = ["notAPod", "notCreated", "ephemeralContainers", "alreadyInjected"];

test("every reason a pod can have has a fixture that shows it", () => {
  const shown = readdirSync(CASES)
    .map((name) => readFileSync(new URL(`${name}/want.explanation`, CASES), "utf8"))
    .join("");
  const reasons = [
    ...Object.keys(POD_SKIP_REASONS),
    ...Object.keys(PART_SKIP_REASONS),
    "attachRequested",
    "podSecurity",
  ];
  for (const reason of reasons.filter((name) => !OF_REQUESTS.includes(name))) {
    if (reason === "sharedProcessNamespace") assert.ok(shown.includes(sentenceOf(reason)));
    else assert.ok(shown.includes(`(${reason})`), reason);
  }
});

test("a sentence is a sentence, without its full stop", () => {
  for (const { sentence } of Object.values({ ...POD_SKIP_REASONS, ...PART_SKIP_REASONS, ...ATTACH_REASONS })) {
    assert.match(sentence, /^(\p{Lu}|procview\.io).{15,}[^.]$/u);
  }
});

test("a code of a newer version is its own sentence", () => {
  assert.equal(sentenceOf("fromTheFuture"), "fromTheFuture");
});
