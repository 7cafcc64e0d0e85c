/**
 * `deno task test:deno24`: what has to work on Deno 2.4.2 too, where the compiled binary can be made offline: unit tests,
 * and the agent as a process of that Deno. Tests of what 2.4 cannot do are ignored there (tests/support/deno_version.ts).
 *
 *   deno task test:deno24             everything
 *   deno task test:deno24 --unit      unit tests only
 */
import { projectRoot } from "../support/paths.ts";
import { mustRun } from "../support/process.ts";
import { runLimited } from "../support/run_limited.ts";
import { alone, unit } from "../support/test_files.ts";
import { filesBelow } from "../support/tree.ts";

const version = "2.4.2";

/**
 * The suites that show the product at work; each starts agents with the Deno it runs in. Not discovery_containerd: of an
 * HTTP/2 session that broke 2.4 keeps a stream, which the test's leak check finds.
 */
const suites =
  /e2e\/(tutorial_|discovery_docker|kafka_flusher|rotation|signals|kill9)|support\/(namespace|dockerd|containerd|kafka)_test/;

// 2.4 looks at its own list of authorities only, unless told otherwise.
const env = { DENO_TLS_CA_STORE: Deno.env.get("DENO_TLS_CA_STORE") ?? "mozilla,system" };
const print = "console.log(Deno.execPath())";
const deno =
  (await mustRun(["npx", "-y", `deno@${version}`, "eval", "--no-config", print], { env, timeoutMs: 300_000 }))
    .trim();

// 2.4 writes another lock file, and so do the agents that tests start: all of it happens in a copy of the checkout.
const copy = Deno.makeTempDirSync({ prefix: "denotail-deno24-" });
for (const path of filesBelow("")) {
  Deno.mkdirSync(`${copy}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
  Deno.copyFileSync(`${projectRoot}/${path}`, `${copy}/${path}`);
}
Deno.mkdirSync(`${projectRoot}/tests/.cache`, { recursive: true });
Deno.symlinkSync(`${projectRoot}/tests/.cache`, `${copy}/tests/.cache`);
const flags = ["test", "-A", "--no-check", "--frozen=false"];

const groups = [
  unit,
  ...(Deno.args.includes("--unit") ? [] : alone.filter((file) => suites.test(file)).map((file) => [file])),
];
const failed: string[] = [];
for (const files of groups) {
  const { code } = await runLimited([...flags, ...files], { deno, env, cwd: copy, limitMs: 10 * 60_000 });
  if (code !== 0) failed.push(files.length === 1 ? files[0] : "unit tests");
}
Deno.removeSync(copy, { recursive: true });
const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
for (const name of failed) say(`failed on Deno ${version}: ${name}`);
say(`${groups.length - failed.length} runs passed, ${failed.length} failed`);
Deno.exit(failed.length === 0 ? 0 : 1);
