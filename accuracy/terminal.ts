// A terminal for programs that draw on a screen: tmux, asked in its control mode, which tells when something was drawn and
// what the screen holds then. Every program has a server of its own: tmux 3.3a may crash as a session ends, and would take
// the others with it.

import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { end, isRunning, start, until } from "./children.ts";

const START_LIMIT_MILLIS = 10_000;
const WIDTH = "120";
const HEIGHT = "30";
/** A screen is drawn in several parts. */
const SETTLE_MILLIS = 150;

export interface Screen {
  text: string;
  /** When it began to be drawn, of performance.now(). */
  millis: number;
}

export interface Watch {
  argv: readonly string[];
  /** Told all screens that were drawn, says whether they are enough. */
  enough(screens: readonly Screen[]): boolean;
  limitMillis: number;
}

/** Runs a program until `enough` says so, and ends it. Throws after the time limit. Sockets are put below a directory. */
export async function watchScreen(parent: string, { argv, enough, limitMillis }: Watch): Promise<void> {
  const folder = mkdtempSync(`${parent}/tmux-`);
  const environment = { ...process.env, TMUX_TMPDIR: folder };
  const server = start(["tmux", "-D", "-f", "/dev/null"], { environment });
  try {
    const socket = `${folder}/tmux-${process.geteuid?.()}/default`;
    await until("tmux answers", START_LIMIT_MILLIS, () => existsSync(socket) || undefined);
    const flags = ["-C", "new-session", "-x", WIDTH, "-y", HEIGHT, "--", ...argv];
    const client = start(["tmux", ...flags], { environment });
    const screens: Screen[] = [];
    followScreens(client, (screen) => screens.push(screen));
    await until("the screen is drawn", limitMillis, () => {
      if (!isRunning(client)) throw new Error(`the program ended, having drawn ${screens.length} screens`);
      return enough(screens) || undefined;
    });
  } finally {
    await end(server);
  }
}

/** Asks what the screen holds whenever something was drawn (tmux(1), CONTROL MODE). */
function followScreens(client: ChildProcess, tell: (screen: Screen) => void): void {
  let rest = "";
  let drawnMillis: number | undefined;
  let reply: string[] | undefined;
  const ask = (): void => {
    if (drawnMillis !== undefined) return;
    drawnMillis = performance.now();
    setTimeout(() => client.stdin?.writable && client.stdin.write("capture-pane -p\n"), SETTLE_MILLIS);
  };
  const follow = (line: string): void => {
    if (line.startsWith("%output ")) ask();
    else if (line.startsWith("%begin ")) reply = [];
    else if (line.startsWith("%end ") && drawnMillis !== undefined && reply !== undefined && reply.length > 0) {
      tell({ text: `${reply.join("\n")}\n`, millis: drawnMillis });
      drawnMillis = undefined;
      reply = undefined;
    } else reply?.push(line);
  };
  client.stdout?.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) follow(line);
  });
}
