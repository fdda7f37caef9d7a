// One line a request, for `--trace`: "LOOKUP n1 meminfo t4242 = ok 144".

import { errno } from "./errno.ts";
import { OPCODES } from "./opcodes.ts";
import type { Reply } from "./reply.ts";
import type { Request } from "./request.ts";

const ERRNO_NAMES = new Map<number, string>(Object.entries(errno).map(([name, number]) => [number, name]));

/** Describes an answered request and its reply. */
export function traceLine(request: Request, reply: Reply): string {
  const { opcode } = request;
  const name = opcode === 26 ? "INIT" : (OPCODES.get(opcode)?.name ?? `opcode ${opcode}`);
  const nodeid = (BigInt(request.nodeidHigh) << 32n) | BigInt(request.nodeidLow);
  const error = reply.error;
  const outcome = error === 0 ? `ok ${reply.length}` : (ERRNO_NAMES.get(error) ?? `errno ${error}`);
  return `${name} n${nodeid.toString(16)} ${details(request, name)}t${request.tid} = ${outcome}`;
}

function details(request: Request, name: string): string {
  if (name === "LOOKUP") return `${request.name} `;
  if (name === "READ" || name === "READDIR") return `${request.readOffset}+${request.readSize} `;
  if (name === "GETATTR") return request.getattrFlags === 0 ? "" : "open ";
  return "";
}
