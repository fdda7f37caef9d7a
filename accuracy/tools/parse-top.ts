// top -b: "%Cpu(s): 22.7 us,  0.2 sy,  0.0 ni, 77.0 id, ..."; the last of its iterations is the one it has watched.

const LINE = /^%Cpu\(s\): *([\d.]+) us, *([\d.]+) sy, *([\d.]+) ni,/gm;

export function parseTop(output: string): number {
  const last = [...output.matchAll(LINE)].at(-1);
  if (last === undefined) throw new Error("top has no line of %Cpu(s)");
  return Number(last[1]) + Number(last[2]) + Number(last[3]);
}
