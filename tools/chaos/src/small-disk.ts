import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";

/** A file system of its own, small enough to be filled. Needs the right to mount. */
export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Mounts one at `path`, which must not exist; gives why not when this machine does not allow it. */
  static mount(path: string, megabytes: number): SmallDisk | { readonly refused: string } {
    mkdirSync(path, { mode: 0o755 });
    try {
      const options = `size=${megabytes}m,mode=0755`;
      execFileSync("mount", ["-t", "tmpfs", "-o", options, "noukai-chaos", path], { stdio: "pipe" });
      return new SmallDisk(path);
    } catch (error) {
      return { refused: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error) };
    }
  }

  /** Nothing can be written any more, until `free`. */
  fill(): void {
    const ballast = openSync(this.#ballast, "a");
    const block = Buffer.alloc(64 * 1024);
    try {
      while (statfsSync(this.path).bavail > 0) writeSync(ballast, block);
    } catch {
      // It is full.
    } finally {
      closeSync(ballast);
    }
  }

  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  unmount(): void {
    execFileSync("umount", ["--lazy", this.path], { stdio: "pipe" });
  }

  get #ballast(): string {
    return join(this.path, "ballast");
  }
}
