import assert from "node:assert/strict";
import { test } from "node:test";
import { Reply } from "../../../node-agent/fuse/reply.ts";
import { Request } from "../../../node-agent/fuse/request.ts";
import {
  ERROR_LABELS,
  FILE_LABELS,
  figuresOf,
  OPERATION_LABELS,
  place,
  shareFigures,
  sumFigures,
} from "../../../node-agent/session/figures.ts";
import { Recorder } from "../../../node-agent/session/recorder.ts";
import { body, message } from "../../fuse-messages.ts";

const MEMINFO = FILE_LABELS.indexOf("proc/meminfo");
const GETATTR = OPERATION_LABELS.indexOf("GETATTR");

function requestOf(bytes: Buffer): Request {
  const request = new Request(bytes);
  request.accept(bytes.length);
  return request;
}

test("what is answered without a rendering is a hit; rows of workers add up", () => {
  const shared = shareFigures(2);
  const [first, second] = [0, 1].map((row) => new Recorder(figuresOf(shared, row))) as [Recorder, Recorder];
  const request = requestOf(message({ opcode: 3, nodeid: 35n, body: body.getattr(0) }));
  const reply = new Reply(256);
  reply.empty(request);
  first.received();
  first.rendered("proc/meminfo");
  first.answered(request, reply);
  second.received();
  second.answered(request, reply);
  const sum = sumFigures(shared);
  assert.equal(sum[place.operation(MEMINFO, GETATTR)], 2);
  assert.equal(sum[place.file(MEMINFO, "renders")], 1);
  assert.equal(sum[place.file(MEMINFO, "hits")], 1);
});

test("errors are counted by name, files of CPUs under one label", () => {
  const shared = shareFigures(1);
  const recorder = new Recorder(figuresOf(shared, 0));
  const request = requestOf(message({ opcode: 15, nodeid: 4112n, body: body.read(0n, 10) }));
  const reply = new Reply(256);
  reply.empty(request, 116);
  recorder.received();
  recorder.answered(request, reply);
  const sum = sumFigures(shared);
  assert.equal(sum[place.error(ERROR_LABELS.indexOf("ESTALE"))], 1);
  const cpu = FILE_LABELS.indexOf("sys/devices/system/cpu");
  assert.equal(sum[place.operation(cpu, OPERATION_LABELS.indexOf("READ"))], 1);
});
