// The platforms that an image is built for, as OCI, Debian, Node and QEMU name them, and how the kernel recognises their
// programs (Documentation/admin-guide/binfmt-misc.rst; e_machine of elf(5)).

import type { Package } from "../../test/packages.ts";

export interface Platform {
  /** As `docker build --platform` takes it. */
  name: string;
  /** Of OCI and of Debian. */
  architecture: string;
  /** Of process.arch. */
  node: string;
  emulator: string;
  /** The beginning of a 64-bit little-endian program, for any ABI, whether or not it is position-independent. */
  magic: string;
}

const escaped = (bytes: readonly number[]): string =>
  bytes.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");

const IDENT = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const elf = (machine: number): string => escaped([...IDENT, 2, 0, machine, 0]);

/** What of the magic counts: all but the ABI, and of the type all but the bit that tells a program from a shared object. */
export const MASK: string = escaped([...IDENT.map((_, at) => (at === 7 ? 0 : 0xff)), 0xfe, 0xff, 0xff, 0xff]);

export const PLATFORMS: readonly Platform[] = [
  { name: "linux/amd64", architecture: "amd64", node: "x64", emulator: "qemu-x86_64-static", magic: elf(0x3e) },
  { name: "linux/arm64", architecture: "arm64", node: "arm64", emulator: "qemu-aarch64-static", magic: elf(0xb7) },
];

export function isNative({ node }: Platform): boolean {
  return node === process.arch;
}

/** That of a name, or of this machine. Throws for one that no image is built for. */
export function platformOf(name: string | undefined): Platform {
  const platform = PLATFORMS.find((each) => (name === undefined ? isNative(each) : each.name === name));
  if (platform !== undefined) return platform;
  const known = PLATFORMS.map((each) => each.name).join(" and ");
  throw new Error(`No image is built for ${name ?? process.arch}: ${known} are`);
}

/** The Debian packages that a build for that platform uses. */
export function packagesFor(platform: Platform): readonly Package[] {
  const packages: readonly Package[] = [
    ["buildah", "/usr/bin/buildah"],
    ["debootstrap", "/usr/sbin/debootstrap"],
    ["gcc", "/usr/bin/cc"],
  ];
  return isNative(platform) ? packages : [...packages, ["qemu-user-static", `/usr/bin/${platform.emulator}`]];
}
