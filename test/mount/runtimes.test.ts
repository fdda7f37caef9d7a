// Every runtime's binds lead to the container's own inode, not the host's. containerd's are runc's, and test/cluster's.

import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { inRun, lacks, mounted, nothingLeft, skip } from "./harness.ts";
import { nothingLeftOfPodman, PODMAN_LIMITS, podmanIn } from "./podman.ts";
import { runcContainer } from "./runc-container.ts";

after(nothingLeft);

const LIMIT_BYTES = 64 * 2 ** 20;
/** Node ids of the host hold a file's index alone (vfs/node-id.ts). */
const HOST_INODES = 2 ** 20;
const LOOK = "stat -c %i /proc/meminfo; head -1 /proc/meminfo";

function isOwn(shown: string): void {
  const [inode = "", memTotal = ""] = shown.split("\n");
  assert.ok(Number(inode) > HOST_INODES, `inode ${inode}`);
  assert.match(memTotal, new RegExp(`^MemTotal: +${LIMIT_BYTES / 1024} kB$`));
}

function hybrid(): boolean {
  return existsSync("/sys/fs/cgroup/unified");
}

describe("the container's own inode", { skip }, () => {
  for (const runtime of ["runc", "crun"] as const) {
    const skipped = lacks(runtime) || (runtime === "crun" && hybrid() && "crun does not run on a hybrid hierarchy");
    test(`in a container of ${runtime}`, { skip: skipped }, async () => {
      await using mount = await mounted();
      using container = runcContainer(
        mount.directory,
        ["proc/meminfo"],
        { memoryBytes: LIMIT_BYTES },
        undefined,
        runtime,
      );
      isOwn(container.exec(LOOK));
    });
  }

  test("in a container of podman", { skip: lacks("podman") || lacks("busybox") }, async () => {
    await using mount = await mounted();
    using folder = mkdtempDisposableSync(join(tmpdir(), "procview-podman-"));
    const rootfs = join(folder.path, "rootfs");
    mkdirSync(join(rootfs, "bin"), { recursive: true });
    copyFileSync("/bin/busybox", join(rootfs, "bin/busybox"));
    const volume = `${mount.directory}/proc/meminfo:/proc/meminfo:ro`;
    const options = ["--rm", `--memory=${LIMIT_BYTES}`, `--volume=${volume}`, ...PODMAN_LIMITS];
    const look = `busybox ${LOOK.replace("; ", "; busybox ")}`;
    try {
      const { status, stdout, stderr } = podmanIn(folder.path)(
        ...["run", ...options, "--rootfs", rootfs, "/bin/busybox", "sh", "-c", look],
      );
      assert.equal(status, 0, stderr);
      isOwn(stdout);
    } finally {
      await nothingLeftOfPodman(folder.path);
    }
  });

  test("in procview run", () => isOwn(inRun(["-m", String(LIMIT_BYTES)], LOOK)));
});
