/** libfaketime before a program's clock. */
import { run } from "./process.ts";
import { need } from "./system.ts";

/** Where the library is; throws where it cannot be had. */
async function library(): Promise<string> {
  if (!await need("faketime")) throw new Error("the clock cannot be moved without libfaketime");
  const listed = (await run(["dpkg", "-L", "libfaketime"])).stdout.split("\n");
  const found = listed.find((path) => path.endsWith("/libfaketime.so.1"));
  if (found === undefined) throw new Error("libfaketime has no libfaketime.so.1");
  return found;
}

/** A clock that a test moves. */
export class FakeTime {
  private constructor(private readonly file: string, readonly prefix: readonly string[]) {}

  /**
   * `file` holds how far the clock is off. `monotonic`: the clock that never jumps does so, too, as if the machine had
   * slept; else only the time of day.
   */
  static async make(file: string, monotonic: boolean): Promise<FakeTime> {
    const settings = {
      LD_PRELOAD: await library(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: monotonic ? "0" : "1",
    };
    const time = new FakeTime(file, [
      "env",
      ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
    ]);
    time.jumpTo(0);
    return time;
  }

  /** Seconds from the true time. */
  jumpTo(seconds: number): void {
    Deno.writeTextFileSync(this.file, `${seconds < 0 ? "" : "+"}${seconds}s\n`);
  }
}
