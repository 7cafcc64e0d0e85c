/** A machine in memory for the checks of doctor: a host below `/logtail_host`, all well until a test breaks it. */
import { lookAt, type Machine } from "../../../src/cli/doctor/machine.ts";
import { type FlagTexts, readCliOptions } from "../../../src/cli/options.ts";
import type { InputNeed } from "../../../src/core/plugin.ts";
import { MemoryFiles } from "../../support/virtual_host.ts";

/** CapEff of root in a container of Docker that asks for nothing, and of one without any. */
export const DOCKERS_CAPABILITIES = "00000000a80425fb";
export const NO_CAPABILITIES = "0000000000000000";

/** `/proc/self/status`, the two lines that are read. */
export function status(user: number, capabilities: string): string {
  return `Name:\tdenotail\nUid:\t${user}\t${user}\t${user}\t${user}\nCapEff:\t${capabilities}\n`;
}

/** A line of mountinfo. */
export function mount(point: string, type = "ext4", tags = "master:1 "): string {
  return `36 35 8:1 / ${point} rw ${tags}- ${type} /dev/x rw\n`;
}

/** See above. A test changes it, then asks for `machine()`. */
export class TestMachine {
  readonly files = new MemoryFiles();
  flags: FlagTexts = { hostRoot: "/logtail_host", configDir: "/conf", checkpoint: "/checkpoint" };
  inContainer = true;
  rssBytes = 100 * 1024 * 1024;
  /** Pipelines and what they read. */
  pipelines: Readonly<Record<string, readonly InputNeed[]>> = {
    out: ["container_output"],
    inside: ["container_files"],
    host: ["host_files"],
  };

  constructor() {
    this.files.folder("/logtail_host/var/log");
    this.files.folder("/logtail_host/etc");
    this.files.write("/logtail_host/proc/self/status", status(0, DOCKERS_CAPABILITIES));
    this.mounts(mount("/", "overlay", ""), mount("/logtail_host"), mount("/checkpoint"));
  }

  mounts(...lines: readonly string[]): void {
    this.files.write("/logtail_host/proc/self/mountinfo", lines.join(""));
  }

  machine(): Machine {
    const { options } = readCliOptions(this.flags, { env: () => undefined, isFolder: () => false });
    const host = { process: { rssBytes: () => this.rssBytes } };
    const pipelines = Object.entries(this.pipelines).map(([stem, needs]) => ({
      stem,
      needs: new Set(needs),
    }));
    return lookAt(options, host, this.files, this.inContainer, pipelines);
  }
}
