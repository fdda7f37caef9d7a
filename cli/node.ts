// What the commands share that look after the containers of a node: the root, the tree below it, and who is there.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { CONTAINER_NAMES_FILE, type ContainerNames, parseContainerNames } from "../contract/container-names.ts";
import { Attacher } from "../node-agent/attach/attacher.ts";
import { type FoundContainer, findContainerOf, findContainers } from "../node-agent/attach/find-containers.ts";
import { isFine } from "../node-agent/attach/outcomes.ts";
import { type ContainerReport, goRound, type Round, type Surroundings } from "../node-agent/attach/round.ts";
import { findServed } from "../node-agent/attach/served.ts";
import { asTheyAre } from "../node-agent/attach/wanted.ts";
import { Containers } from "../node-agent/container/containers.ts";
import { findHierarchies } from "../node-agent/container/hierarchies.ts";
import { ContainerResolver } from "../node-agent/container/resolve-container.ts";
import { HostFiles } from "../node-agent/host/host-files.ts";
import { mountSource } from "../node-agent/session/mount-names.ts";
import { CliError } from "./exit-codes.ts";

const DEFAULT_ROOT = "/var/lib/procview";
const ANSWER_MILLIS = 2000;

type HomePid = number | "self";
const HOST_PID = 1;
/** A process, so that it can be given up; statfs(2), because the kernel answers that from no cache. */
const ASK = "require('node:fs').statfsSync(process.argv[1])";

export interface NodeFlags {
  root: string;
  json?: boolean;
}

export interface ChoiceFlags extends NodeFlags {
  all?: true;
  container?: string;
}

export function addRootFlag(command: Command): Command {
  return command.option("--root <dir>", "the tree is served at fs/ in there", absolute, DEFAULT_ROOT);
}

export function addNodeFlags(command: Command): Command {
  return addRootFlag(command).option("--json", "print JSON");
}

export function addChoiceFlags(command: Command): Command {
  return addNodeFlags(command)
    .option("--all", "every container")
    .option("--container <id>", "the one of that id, or of which the id begins so");
}

function absolute(text: string): string {
  if (!text.startsWith("/")) throw new InvalidArgumentError("It must be an absolute path.");
  return text.replace(/\/+$/, "");
}

/** A node's containers, and the hand that reaches into them. */
export class Node implements Disposable {
  readonly files: HostFiles = new HostFiles();
  readonly mountRoot: string;
  readonly #namesFile: string;
  readonly #containers: Containers;
  readonly #surroundings: Surroundings;

  constructor({ root }: NodeFlags) {
    this.mountRoot = `${root}/fs`;
    this.#namesFile = `${root}/${CONTAINER_NAMES_FILE}`;
    this.#containers = new Containers(this.files, new ContainerResolver(this.files, findHierarchies(this.files)));
    const source = mountSource(this.mountRoot);
    const at = (homePid: HomePid): string | undefined =>
      findServed(this.files, homePid, this.mountRoot, source).served.device;
    // In the agent's own container the mount is not seen: it is the host's.
    const homePid = at("self") === undefined && at(HOST_PID) !== undefined ? HOST_PID : "self";
    this.#surroundings = {
      files: this.files,
      attacher: new Attacher({ homePid }),
      homePid,
      mountRoot: this.mountRoot,
      source,
    };
  }

  /** "major:minor" of what is mounted at the root of the tree; undefined where nothing of ours is. */
  get device(): string | undefined {
    const { files, homePid, mountRoot, source } = this.#surroundings;
    return findServed(files, homePid, mountRoot, source).served.device;
  }

  /** Whose containers they are, as far as an agent that watches pods has left word; nobody's without one. */
  containerNames(): ContainerNames {
    const file = this.#namesFile;
    return existsSync(file) ? parseContainerNames(readFileSync(file, "utf8")) : {};
  }

  /** Whether the file system answers now. */
  answers(): boolean {
    if (this.device === undefined) return false;
    const { status } = spawnSync(process.execPath, ["-e", ASK, this.#visiblePath()], {
      timeout: ANSWER_MILLIS,
      killSignal: "SIGKILL",
      stdio: "ignore",
    });
    return status === 0;
  }

  /** Where this process finds the tree. */
  #visiblePath(): string {
    const { homePid } = this.#surroundings;
    return homePid === "self" ? this.mountRoot : `${this.files.roots.procfs}/${homePid}/root${this.mountRoot}`;
  }

  /** Throws CliError where nothing could be attached from. */
  requireAnswers(): void {
    if (this.answers()) return;
    throw new CliError("notServed", `Nothing answers at ${this.mountRoot}; start "procview mount ${this.mountRoot}"`);
  }

  /** All containers that have files of ours, and how it stands with each; nothing is changed. */
  look(): Promise<ContainerReport[]> {
    return this.go(findContainers(this.files, this.#containers), { wanted: asTheyAre, lookOnly: true });
  }

  /** Those of them that the flags choose. Throws CliError where there is none of that id, or nothing was chosen. */
  async chosen({ all, container: id }: ChoiceFlags): Promise<FoundContainer[]> {
    if ((all === undefined) === (id === undefined)) throw new CliError("usage", "Give either --all or --container ID");
    const reports = await this.look();
    if (id === undefined) return reports;
    const found = reports.filter(({ container }) => container.id.startsWith(id) || String(container.key) === id);
    if (found.length === 0)
      throw new CliError("noContainer", `No container "${id}" has files of procview; see "procview status"`);
    return found;
  }

  /** The container of a process. Throws CliError where it is in none. */
  containerOf(pid: number): FoundContainer {
    if (!this.files.has(`proc/${pid}`))
      throw new CliError("noProcess", `There is no process ${pid}; "ps -e" lists them`);
    const found = findContainerOf(this.files, this.#containers, pid);
    if (found !== undefined) return found;
    throw new CliError("noContainer", `Process ${pid} is in no container, or shares its mounts with the host`);
  }

  go(found: readonly FoundContainer[], round: Round): Promise<ContainerReport[]> {
    return goRound(this.#surroundings, found, round);
  }

  [Symbol.dispose](): void {
    this.#surroundings.attacher.close();
  }
}

/** Throws CliError with a line for each file or container with which something went wrong. */
export function requireFine(reports: readonly ContainerReport[]): void {
  const troubles = troublesOf(reports);
  if (troubles.length > 0) throw new CliError("notHealed", troubles.join("\n"));
}

function troublesOf(reports: readonly ContainerReport[]): string[] {
  return reports.flatMap(({ container: { id }, subject: { pid }, outcome, reason, places }) => {
    const of = `container ${id || "(unnamed)"} (process ${pid})`;
    const whole = outcome === undefined || isFine(outcome) ? [] : [`${of}: ${outcome} ${reason ?? ""}`.trimEnd()];
    const bad = places.filter((place) => place.outcome !== undefined && !isFine(place.outcome));
    return [
      ...whole,
      ...bad.map((place) => `${of}: ${place.target}: ${place.outcome} ${place.reason ?? ""}`.trimEnd()),
    ];
  });
}
