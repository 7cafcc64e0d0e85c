import assert from "node:assert/strict";
import { missingPermissions } from "../../src/cli/missing_permissions.ts";
import { type CliOptions, readCliOptions } from "../../src/cli/options.ts";

const { options } = readCliOptions({ hostRoot: "/logtail_host", nodeName: "n", nodeIp: "10.0.0.1" }, {
  env: () => undefined,
  isFolder: () => true,
});

function missing(
  denied: readonly string[],
  more: Partial<CliOptions> = {},
  purpose: "run" | "validate" = "run",
) {
  const granted = (kind: string, what: string) =>
    !denied.includes(`${kind} ${what}`) && !denied.includes(kind);
  return missingPermissions({ ...options, ...more }, purpose, granted);
}

/** `error read /path` for short. */
const shown = (problems: ReturnType<typeof missing>) => problems.map(({ level, file }) => `${level} ${file}`);

Deno.test("missingPermissions finds nothing when all is granted", () => {
  assert.deepEqual(missing([]), []);
  assert.deepEqual(missing([], {}, "validate"), []);
});

Deno.test("missingPermissions names the path, what suffers and the remedy when one is missing", () => {
  const [problem, ...rest] = missing(["read /usr/local/ilogtail/user_yaml_config.d"]);
  assert.deepEqual(rest, []);
  assert.equal(problem.code, "PERMISSION_MISSING");
  assert.equal(problem.file, "read /usr/local/ilogtail/user_yaml_config.d");
  assert.equal(
    problem.message,
    "The program may not read the config folder, so no pipeline can be loaded",
  );
  assert.match(problem.help ?? "", /--read=\/usr\/local\/ilogtail\/user_yaml_config\.d at the build/);
});

Deno.test("missingPermissions is an error where nothing useful is left, else a warning", () => {
  const checkpoint = "/usr/local/ilogtail/checkpoint";
  assert.deepEqual(shown(missing([`write ${checkpoint}`])), [`error write ${checkpoint}`]);
  assert.deepEqual(shown(missing([`write ${checkpoint}`], { checkpointDir: null })), []);
  assert.deepEqual(shown(missing(["read /logtail_host"])), ["error read /logtail_host"]);
  // A machine without a host root: the profile's list is what is collected.
  const [whole] = missing(["read /"], { hostRoot: "/" });
  assert.deepEqual(shown([whole]), ["warning read /"]);
  assert.match(whole.help ?? "", /^Bind '\/' to \/logtail_host/);
  assert.deepEqual(shown(missing(["net 127.0.0.1:9465"])), ["warning net 127.0.0.1:9465"]);
  assert.deepEqual(shown(missing(["net"], { metrics: null })), []);
});

Deno.test("missingPermissions asks for sockets as discovery looks for them", () => {
  assert.deepEqual(shown(missing(["write /run/docker.sock"])), [], "another spelling of it is permitted");
  const all = ["", "/logtail_host"].flatMap((root) =>
    ["/run", "/var/run"].map((folder) => `write ${root}${folder}/docker.sock`)
  );
  assert.deepEqual(shown(missing(all)), ["warning write /run/docker.sock"]);
  assert.deepEqual(shown(missing(all, { dockerSockets: [] })), [], "no Docker is looked for");
  assert.deepEqual(shown(missing(["read /my.sock"], { criSockets: ["/my.sock"] })), [
    "warning read /my.sock",
  ]);
});

Deno.test("missingPermissions asks for the node's name and address only when they are not given", () => {
  assert.deepEqual(shown(missing(["sys"])), []);
  assert.deepEqual(shown(missing(["sys"], { nodeName: "", nodeIp: "" })), [
    "warning sys hostname",
    "warning sys networkInterfaces",
  ]);
});

Deno.test("missingPermissions counts variables that settings could stand in", () => {
  const [problem] = missing(["env"], {}, "validate");
  assert.match(problem.file, /^env DENOTAIL_CONFIG_DIR, .* and \d+ more$/);
  assert.equal(problem.level, "warning");
  assert.deepEqual(shown(missing(["env MY_TAG"], { envTags: ["MY_TAG"] })), ["warning env MY_TAG"]);
  assert.deepEqual(shown(missing(["read /static.json"], { staticInfoFile: "/static.json" })), [
    "warning read /static.json",
  ]);
});

Deno.test("missingPermissions asks validate for the config folder only, and start not even for that", () => {
  assert.deepEqual(shown(missing(["read", "write", "net"], {}, "validate")), [
    "error read /usr/local/ilogtail/user_yaml_config.d",
  ]);
  assert.deepEqual(shown(missing(["read"], { embedded: {} }, "validate")), []);
});
