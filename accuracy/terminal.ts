// A terminal for programs that draw on a screen: a tmux server of our own, asked in its control mode, which tells when
// something was drawn and what the screen holds then.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
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

export interface Terminal extends AsyncDisposable {
  /** Runs a program until `enough` says so of all screens it has drawn. Throws after the time limit. */
  watch(argv: readonly string[], enough: (screens: readonly Screen[]) => boolean, limitMillis: number): Promise<void>;
}

/** Starts the server, with its socket below a directory. */
export async function startTerminal(parent: string): Promise<Terminal> {
  const environment = { ...process.env, TMUX_TMPDIR: parent };
  const server = start(["tmux", "-D", "-f", "/dev/null"], { environment });
  const socket = `${parent}/tmux-${process.geteuid?.()}/default`;
  try {
    await until("tmux answers", START_LIMIT_MILLIS, () => existsSync(socket) || undefined);
  } catch (error) {
    await end(server);
    throw error;
  }
  return {
    watch: (argv, enough, limitMillis) => watch(environment, { argv, enough, limitMillis }),
    [Symbol.asyncDispose]: () => end(server),
  };
}

interface Watch {
  argv: readonly string[];
  enough(screens: readonly Screen[]): boolean;
  limitMillis: number;
}

async function watch(environment: NodeJS.ProcessEnv, { argv, enough, limitMillis }: Watch): Promise<void> {
  const flags = ["-C", "new-session", "-x", WIDTH, "-y", HEIGHT, "--", ...argv];
  const client = spawn("tmux", flags, { stdio: ["pipe", "pipe", "pipe"], env: environment });
  const screens: Screen[] = [];
  followScreens(client, (screen) => screens.push(screen));
  try {
    await until("the screen is drawn", limitMillis, () => {
      if (!isRunning(client)) throw new Error(`the program ended, having drawn: ${screens.at(-1)?.text.trim()}`);
      return enough(screens) || undefined;
    });
  } finally {
    if (isRunning(client)) client.stdin.write("kill-session\n");
    await end(client);
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
