import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Container } from "../../../node-agent/container/container.ts";
import { Gathering, type Loaders } from "../../../node-agent/render/gathering.ts";
import { Polls } from "../../../node-agent/render/polls.ts";

const poll = (key: number, startedAt: number): Gathering =>
  new Gathering({} as Loaders, { key } as Container, {
    startedAt,
    limitsEpoch: 0,
    hostMaxAgeMillis: 100,
    fresh: false,
  });

describe("polls that are going on", () => {
  test("are each container's own", () => {
    const polls = new Polls();
    const [one, other] = [poll(1, 0), poll(2, 3)];
    polls.add(one);
    polls.add(other);
    assert.equal(polls.of(1, 5), one);
    assert.equal(polls.of(2, 5), other);
    assert.equal(polls.of(3, 5), undefined);
  });

  test("are over 10 ms after they began, and when they are forgotten", () => {
    const polls = new Polls();
    polls.add(poll(1, 0));
    polls.add(poll(2, 3));
    assert.equal(polls.of(1, 10), undefined);
    assert.notEqual(polls.of(2, 10), undefined);
    polls.forget(2);
    assert.equal(polls.of(2, 10), undefined);
  });

  test("take the place of the container's one before", () => {
    const polls = new Polls();
    polls.add(poll(1, 0));
    const next = poll(1, 1);
    polls.add(next);
    assert.equal(polls.of(1, 2), next);
  });

  test("of more containers than there is room for: the first to begin is forgotten", () => {
    const polls = new Polls();
    for (let key = 1; key <= 17; key += 1) polls.add(poll(key, 0));
    assert.equal(polls.of(1, 1), undefined);
    for (let key = 2; key <= 17; key += 1) assert.notEqual(polls.of(key, 1), undefined);
  });
});
