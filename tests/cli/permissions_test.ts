import assert from "node:assert/strict";
import { FLAGS } from "../../src/cli/flags.ts";
import { grantsOf, PERMISSION_KINDS, PERMISSIONS, PROFILES, V8_FLAGS } from "../../src/cli/permissions.ts";
import { projectRoot } from "../support/paths.ts";

Deno.test("PERMISSIONS names absolute paths, a reason and a profile in each group, and no empty one", () => {
  for (const { kind, values, why, profiles } of PERMISSIONS) {
    assert.ok(why.length > 10 && profiles.length > 0);
    // Deno takes an empty list for "any".
    assert.notEqual(values.length, 0, why);
    if (kind !== "read" && kind !== "write") continue;
    for (const path of values) {
      assert.match(path, /^\/[a-z]/, "a relative path depends on the working folder");
    }
  }
});

Deno.test("PERMISSIONS gives any value for net only", () => {
  for (const profile of PROFILES) {
    const grants = grantsOf(profile);
    assert.deepEqual(PERMISSION_KINDS.filter((kind) => grants[kind] === null), ["net"]);
  }
});

Deno.test("PERMISSIONS drops nothing that is a path: Deno would give back the folder around it", () => {
  const dropped = PERMISSIONS.filter((one) => one.dropped).map(({ kind }) => kind);
  assert.deepEqual([...new Set(dropped)], ["env", "sys"]);
  // What is given back is a kind as a whole.
  assert.ok(PERMISSIONS.every(({ kind, dropped }) => dropped === true || !["env", "sys"].includes(kind)));
});

Deno.test("grantsOf lets the defaults of all flags work", () => {
  for (const profile of PROFILES) {
    const { read, write, env } = grantsOf(profile);
    for (const flag of [FLAGS.configDir, FLAGS.checkpoint]) assert.ok(read?.includes(flag.default));
    assert.ok(write?.includes(FLAGS.checkpoint.default));
    for (const name of Object.values(FLAGS).flatMap((flag) => [...flag.env])) {
      assert.ok(env?.includes(name) || name.startsWith("DENOTAIL_"), name);
    }
  }
});

Deno.test("grantsOf writes to nothing but progress and sockets", () => {
  assert.deepEqual(grantsOf("daemonset").write?.filter((path) => !path.endsWith(".sock")), [
    "/usr/local/ilogtail/checkpoint",
  ]);
  assert.deepEqual(grantsOf("vm").write?.filter((path) => !path.endsWith(".sock")), [
    "/usr/local/ilogtail/checkpoint",
    "/var/lib/denotail",
  ]);
});

Deno.test("grantsOf gives the virtual machine folders of logs, the DaemonSet its host root only", () => {
  const below = (paths: readonly string[] | null) => paths?.filter((path) => path.startsWith("/var/log"));
  assert.deepEqual(below(grantsOf("daemonset").read), []);
  assert.deepEqual(below(grantsOf("vm").read), ["/var/log"]);
});

Deno.test("V8_FLAGS are those of the task start", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${projectRoot}/deno.json`));
  const found = /--v8-flags=(\S+)/.exec(tasks.start.command)?.[1];
  assert.deepEqual(V8_FLAGS, found?.split(","));
});
