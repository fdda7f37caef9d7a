// How mounts of ours are named in mountinfo.

export const FILE_SYSTEM_TYPE = "fuse.procview";

/** The source of the mount served at a directory. Binds of its files keep it: by this they are told from those of others. */
export function mountSource(directory: string): string {
  return `procview:${directory}`;
}

/** The source of what `procview run` mounts: of no directory, so that nobody takes it for theirs. */
export const RUN_SOURCE = "procview-run";
