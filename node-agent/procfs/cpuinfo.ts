// /proc/cpuinfo, as proc_cpuinfo(5): differs by architecture (arch/*/kernel/{proc,setup,cpuinfo,processor}.c), so what is
// parsed is only which bytes belong to which CPU. Everything else stays text.

export interface CpuinfoSegment {
  /** Absent for text that is about the machine: preamble, trailer, s390's summary. */
  cpu?: number;
  text: string;
}

export type Cpuinfo = readonly CpuinfoSegment[];

/** "processor : 3" of x86, arm, riscv and ppc; "cpu number : 3" of s390, both opening a block of lines. */
const BLOCK_START = /^(?:processor|cpu number)\s*:\s*(\d+)$/;
/** s390's "processor 3: version = ..." is a line of its own. */
const S390_LINE = /^processor (\d+): /;

/** Cuts the file into what belongs to each CPU and what does not. Never throws: unknown text passes through. */
export function parseCpuinfo(text: string): Cpuinfo {
  const segments: CpuinfoSegment[] = [];
  let open: CpuinfoSegment | undefined;
  for (const line of text.split(/(?<=\n)/)) {
    const content = line.replace(/\n$/, "");
    const s390 = S390_LINE.exec(content)?.[1];
    if (s390 !== undefined) {
      segments.push({ cpu: Number(s390), text: line });
      open = undefined;
      continue;
    }
    const start = BLOCK_START.exec(content)?.[1];
    if (start !== undefined) {
      open = { cpu: Number(start), text: "" };
      segments.push(open);
    } else if (open === undefined) {
      open = { text: "" };
      segments.push(open);
    }
    open.text += line;
    if (content === "") open = undefined;
  }
  return segments;
}

export function formatCpuinfo(cpuinfo: Cpuinfo): string {
  let text = "";
  for (const segment of cpuinfo) text += segment.text;
  return text;
}

/** The value of "key : value" in a CPU's text. */
export function cpuinfoValue(text: string, key: string): string | undefined {
  const line = text.split("\n").find((candidate) => candidate.split(":")[0]?.trim() === key);
  return line?.slice(line.indexOf(":") + 1).trim();
}

/** The text with the value of "key : value" replaced, its padding kept; unchanged where there is no such line. */
export function withCpuinfoValue(text: string, key: string, value: string): string {
  const lines = text.split("\n");
  const at = lines.findIndex((candidate) => candidate.split(":")[0]?.trim() === key);
  if (at < 0) return text;
  lines[at] = (lines[at] as string).replace(/:.*$/, `: ${value}`);
  return lines.join("\n");
}
