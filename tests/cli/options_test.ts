import assert from "node:assert/strict";
import { type FlagKey, FLAGS } from "../../src/cli/flags.ts";
import { type FlagTexts, readCliOptions } from "../../src/cli/options.ts";

function read(flags: FlagTexts, env: Record<string, string> = {}, folders: string[] = []) {
  return readCliOptions(flags, { env: (name) => env[name], isFolder: (path) => folders.includes(path) });
}

Deno.test("readCliOptions takes the seed's paths when nothing is said", () => {
  const { options, errors, warnings } = read({});
  assert.deepEqual([errors, warnings], [[], []]);
  assert.equal(options.configDir, "/usr/local/ilogtail/user_yaml_config.d");
  assert.equal(options.checkpointDir, "/usr/local/ilogtail/checkpoint");
  assert.equal(options.hostRoot, "/");
  assert.deepEqual(options.metrics, { host: "127.0.0.1", port: 9465 });
  assert.equal(options.stopTimeoutMs, 10_000);
  assert.equal(options.lockTimeoutMs, 30_000);
  assert.equal(options.userDefinedId, "default");
  assert.equal(options.cpuLimitCores, null);
});

Deno.test("readCliOptions takes /logtail_host where it is mounted", () => {
  assert.equal(read({}, {}, ["/logtail_host"]).options.hostRoot, "/logtail_host");
  assert.equal(read({ hostRoot: "/" }, {}, ["/logtail_host"]).options.hostRoot, "/");
});

Deno.test("readCliOptions reads the variables of the seed", () => {
  const { options } = read({}, {
    cpu_usage_limit: "0.5",
    mem_usage_limit: "512",
    ALIYUN_LOGTAIL_USER_DEFINED_ID: "web",
    ALIYUN_LOG_ENV_TAGS: "_node_name_|_node_ip_",
    _node_name_: "n1",
    DOCKER_HOST: "unix:///run/other.sock",
  });
  assert.equal(options.cpuLimitCores, 0.5);
  assert.equal(options.memLimitMb, 512);
  assert.equal(options.userDefinedId, "web");
  assert.deepEqual(options.envTags, ["_node_name_", "_node_ip_"]);
  assert.equal(options.nodeName, "n1");
  assert.deepEqual(options.dockerSockets, ["/run/other.sock"]);
  assert.equal(options.criSockets, null);
});

Deno.test("readCliOptions lets a flag count before its variables, and ours before others", () => {
  const env = { DENOTAIL_CPU_LIMIT: "2", cpu_usage_limit: "3" };
  assert.equal(read({ cpuLimitCores: "1" }, env).options.cpuLimitCores, 1);
  assert.equal(read({}, env).options.cpuLimitCores, 2);
  assert.equal(read({}, { ...env, DENOTAIL_CPU_LIMIT: "" }).options.cpuLimitCores, 3);
});

Deno.test("readCliOptions refuses bad values and only warns about other programs' variables", () => {
  const { errors, warnings } = read({ stopTimeoutMs: "10", metrics: "9465", hostRoot: "x" }, {
    DENOTAIL_LOG_LEVEL: "loud",
    DOCKER_HOST: "tcp://10.0.0.1:2375",
    cpu_usage_limit: "0",
  });
  assert.deepEqual(errors, [
    "--host-root: found 'x', expected an absolute path",
    "--stop-timeout: found '10', expected a time span with a unit, for instance '30s'",
    "--metrics: found '9465', expected an address and a port, or 'off'",
    "DENOTAIL_LOG_LEVEL: found 'loud', expected debug, info, warn or error",
  ]);
  assert.deepEqual(warnings, [
    "DOCKER_HOST: found 'tcp://10.0.0.1:2375', expected absolute paths of sockets, separated by commas, or 'off'; ignored",
    "cpu_usage_limit: found '0', expected a number of cores of at least 0.05; ignored",
  ]);
});

Deno.test("readCliOptions understands memory, off and IPv6", () => {
  assert.equal(read({ checkpoint: "memory" }).options.checkpointDir, null);
  assert.equal(read({ metrics: "OFF" }).options.metrics, null);
  assert.deepEqual(read({ metrics: "[::]:80" }).options.metrics, { host: "::", port: 80 });
});

Deno.test("readCliOptions gives one spelling of a folder", () => {
  const root = (hostRoot: string) => read({ hostRoot }).options.hostRoot;
  for (const path of ["/logtail_host/", "//logtail_host", "/logtail_host/.", "/./logtail_host//"]) {
    assert.equal(root(path), "/logtail_host");
  }
  for (const path of ["/", "//", "/./"]) assert.equal(root(path), "/");
  // It may lead through a link.
  assert.equal(root("/a/../b.c"), "/a/../b.c");
});

Deno.test("FLAGS has defaults that its own parsers accept, and no name twice", () => {
  const names = new Set<string>();
  for (const key of Object.keys(FLAGS) as FlagKey[]) {
    const flag = FLAGS[key];
    if (flag.default !== "") assert.notEqual(flag.parse(flag.default), undefined, flag.name);
    for (const name of [flag.name, ...flag.env]) {
      assert.ok(!names.has(name), name);
      names.add(name);
    }
  }
});
