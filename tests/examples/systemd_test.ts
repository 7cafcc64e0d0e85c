/** The unit of examples/systemd: systemd takes it, and it fits what the program says of itself. */
import assert from "node:assert/strict";
import { parseCommandLine } from "../../src/cli/command_line.ts";
import { EXIT } from "../../src/cli/exit_codes.ts";
import { FLAGS } from "../../src/cli/flags.ts";
import { grantsOf, MACHINE_STATE, OWN_FOLDER } from "../../src/cli/permissions.ts";
import { readCliOptions } from "../../src/cli/options.ts";
import { document, links } from "../docs/markdown.ts";
import { projectRoot } from "../support/paths.ts";
import { mustRun, run } from "../support/process.ts";
import { bedTest, ensurePackages, findProgram, unavailable } from "../support/system.ts";
import { textOf } from "../support/tree.ts";
import { parseUnit, settingOf } from "../support/unit_file.ts";
import { report } from "../support/verify.ts";

const text = textOf("examples/systemd/denotail.service");
const unit = parseUnit(text);
const setting = (name: string) => settingOf(unit, `Service.${name}`);
const [program, ...args] = setting("ExecStart").split(" ");
/** `30s` -> 30 */
const seconds = (span: string) => Number(/^(\d+)s$/.exec(span)![1]);

/** What the program makes of the unit's command line and environment. */
function optionsOfUnit() {
  const asked = parseCommandLine(args, "0");
  assert.equal(asked.kind, "run");
  const pairs = setting("Environment").split(" ").map((pair) => pair.split("=") as [string, string]);
  const env = new Map(pairs);
  const flags = asked.kind === "run" ? asked.flags : {};
  const { options, errors, warnings } = readCliOptions(flags, {
    env: (name) => env.get(name),
    isFolder: () => true,
  });
  assert.deepEqual([errors, warnings], [[], []]);
  return options;
}

Deno.test("denotail.service names folders that the profile vm may use", () => {
  const options = optionsOfUnit();
  assert.equal(options.configDir, `${OWN_FOLDER}/pipelines`);
  assert.equal(options.checkpointDir, MACHINE_STATE);
  assert.equal(`/var/lib/${setting("StateDirectory")}`, MACHINE_STATE);
  assert.equal(setting("BindReadOnlyPaths"), `/:${options.hostRoot}:rbind`);
  const { read, write } = grantsOf("vm");
  for (const folder of [OWN_FOLDER, MACHINE_STATE, options.hostRoot]) {
    assert.ok(read?.includes(folder), folder);
  }
  assert.ok(write?.includes(MACHINE_STATE));
});

Deno.test("denotail.service leaves room above the agent's own limits and its stop", () => {
  const options = optionsOfUnit();
  const quota = Number(/^(\d+)%$/.exec(setting("CPUQuota"))![1]) / 100;
  assert.ok(quota > options.cpuLimitCores! && quota <= 2 * options.cpuLimitCores!, `CPUQuota ${quota}`);
  assert.equal(setting("MemoryMax"), "1G");
  assert.equal(options.memLimitMb, 512);
  const stop = seconds(setting("TimeoutStopSec"));
  assert.ok(stop >= options.stopTimeoutMs / 1000 + 5, `TimeoutStopSec ${stop}`);
  assert.equal(setting("KillSignal"), "SIGTERM");
  assert.equal(setting("Restart"), "always");
  assert.equal(setting("RestartPreventExitStatus"), String(EXIT.usage));
});

Deno.test("denotail.service may do what V8 and the host root need, and no more", () => {
  assert.equal(unit.get("Service.MemoryDenyWriteExecute"), undefined, "V8 makes machine code");
  // Private mounts would not see containers that start later.
  assert.equal(setting("MountFlags"), "slave");
  assert.equal(setting("CapabilityBoundingSet"), "CAP_DAC_READ_SEARCH");
  for (const name of ["NoNewPrivileges", "ProtectHome", "PrivateTmp", "LockPersonality"]) {
    assert.equal(setting(name), "yes", name);
  }
  assert.equal(setting("ProtectSystem"), "strict");
  // Narrower ones end V8; what else it asks for (memory keys, owners of files) it does without.
  assert.match(
    text,
    /^SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources @keyring$/m,
  );
  assert.equal(setting("SystemCallErrorNumber"), "EPERM");
  // Sockets of runtimes, brokers, and the machine's own addresses.
  assert.equal(setting("RestrictAddressFamilies"), "AF_UNIX AF_INET AF_INET6 AF_NETLINK");
});

Deno.test("denotail.env names variables that the program knows", () => {
  const known = Object.values(FLAGS).flatMap((flag) => [...flag.env] as string[]);
  const names = [...textOf("examples/systemd/denotail.env").matchAll(/^#?(\w+)=/gm)].map(([, name]) => name);
  assert.ok(names.length >= 4);
  assert.deepEqual(names.filter((name) => !known.includes(name)), ["KAFKA_BROKERS"]);
});

Deno.test("README.md of the systemd example leads to files that exist, and installs where the unit looks", () => {
  const page = document("examples/systemd/README.md");
  for (const link of links(page)) Deno.statSync(`${projectRoot}/examples/systemd/${link}`);
  for (const place of [program, `${OWN_FOLDER}/pipelines`, setting("EnvironmentFile").slice(1)]) {
    assert.ok(page.text.includes(`\`${place}`), place);
  }
});

/** The exposure that README.md states: 0 is best. */
const EXPOSURE_MAX = 2.5;

const lack = await ensurePackages([{ program: "systemd-analyze", names: ["systemd"] }]);
const test = bedTest(lack === undefined || unavailable(lack.reason, lack.remedy));

/** Runs systemd-analyze on the unit, with a program that exists in place of ours. */
async function analyze<T>(body: (analyze: string, path: string) => Promise<T>): Promise<T> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/denotail.service`, text.replaceAll(program, "/bin/true"));
    return await body(findProgram("systemd-analyze")!, `${folder}/denotail.service`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

test("systemd-analyze verify has nothing to say about denotail.service", async () => {
  await analyze(async (program, path) => {
    const { code, stdout, stderr } = await run([program, "verify", "--man=no", path]);
    // It loads units of the machine, too; what it says of those is not ours.
    const ours = (stdout + stderr).split("\n").filter((line) => line.includes("denotail"));
    assert.deepEqual(ours, []);
    assert.equal(code, 0, stderr);
  });
});

test(`systemd-analyze security gives denotail.service at most ${EXPOSURE_MAX}`, async () => {
  await analyze(async (program, path) => {
    const version = Number(/systemd (\d+)/.exec(await mustRun([program, "--version"]))![1]);
    if (version < 250) return report(`systemd ${version} does not know --offline`);
    const said = await mustRun([program, "security", "--offline=yes", "--no-pager", path]);
    const exposure = Number(/exposure level for denotail\.service: ([\d.]+)/.exec(said)![1]);
    assert.ok(exposure > 0 && exposure <= EXPOSURE_MAX, said);
    const stated = /gives ([\d.]+) \(systemd (\d+)/.exec(textOf("examples/systemd/README.md"))!;
    if (version === Number(stated[2])) assert.equal(exposure, Number(stated[1]));
  });
});
