/** The workflows of .github: few rights, no secrets, pinned actions, and commands that exist. */
import assert from "node:assert/strict";
import { load } from "js-yaml";
import { changelogSection } from "../../build/changelog.ts";
import { projectRoot } from "../support/paths.ts";
import { filesBelow, textOf } from "../support/tree.ts";

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly uses?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly needs?: string | readonly string[];
  readonly steps?: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const paths = filesBelow(".github/workflows");
const workflows = paths.map((path) => ({
  path,
  text: textOf(path),
  workflow: load(textOf(path)) as Workflow,
}));
const jobs = workflows.flatMap(({ path, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ name: `${path}: ${name}`, workflow, job }))
);
const steps = jobs.flatMap(({ name, job }) => (job.steps ?? []).map((step) => ({ name, step })));
const { tasks, version } = JSON.parse(textOf("deno.json"));

Deno.test("the workflows are those for tests and releases", () => {
  assert.deepEqual(paths, [".github/workflows/release.yml", ".github/workflows/test.yml"]);
  assert.ok(jobs.length >= 7 && steps.length >= 20);
});

Deno.test("the workflows use no secret but the token of the run", () => {
  for (const { path, text } of workflows) {
    const used = [...text.matchAll(/\bsecrets\b(?:\.(\w+))?/g)].map(([, name]) => name);
    assert.deepEqual(used.filter((name) => name !== "GITHUB_TOKEN"), [], path);
  }
});

/** What a job may do beyond reading, and for what. */
const RIGHTS: Readonly<Record<string, readonly string[]>> = {
  ".github/workflows/release.yml: binaries": ["attestations", "id-token"],
  ".github/workflows/release.yml: image": ["attestations", "id-token", "packages"],
  ".github/workflows/release.yml: publish": ["contents"],
};

Deno.test("the jobs may write what they make, and nothing else", () => {
  for (const { name, workflow, job } of jobs) {
    const permissions = job.permissions ?? workflow.permissions;
    assert.ok(permissions !== undefined, `${name}: without permissions it has all that the repository gives`);
    const writes = Object.keys(permissions).filter((right) => permissions[right] !== "read").sort();
    assert.deepEqual(writes, RIGHTS[name] ?? [], name);
  }
});

Deno.test("the jobs have an end, and releases wait for the tests", () => {
  for (const { name, job } of jobs) {
    if (job.uses === undefined) assert.ok(job["timeout-minutes"]! <= 60, name);
  }
  const release = workflows.find(({ path }) => path.endsWith("release.yml"))!.workflow;
  assert.equal(release.jobs.test.uses, "./.github/workflows/test.yml");
  assert.deepEqual([release.jobs.binaries.needs, release.jobs.image.needs], ["test", "test"]);
  assert.deepEqual(release.jobs.publish.needs, ["binaries", "image"]);
});

Deno.test("the workflows pin actions by full versions, each the same everywhere", () => {
  const versions = new Map<string, string>();
  for (const { name, step } of steps) {
    if (step.uses === undefined) continue;
    const [action, tag] = step.uses.split("@");
    assert.match(tag ?? "", /^v\d+\.\d+\.\d+$/, `${name}: ${step.uses}`);
    assert.equal(versions.get(action) ?? tag, tag, `${name}: ${step.uses}`);
    versions.set(action, tag);
    if (action === "actions/checkout") {
      assert.equal(step.with?.["persist-credentials"], false, `${name}: the token stays in no folder`);
    }
  }
});

Deno.test("the workflows run the Deno that .ci/run and the image have", () => {
  const wanted = /^deno_version=(\S+)$/m.exec(textOf(".ci/run"))![1];
  const given = steps.filter(({ step }) => step.uses?.startsWith("denoland/setup-deno@"))
    .map(({ step }) => step.with?.["deno-version"]);
  assert.ok(given.length >= 3);
  assert.deepEqual([...new Set(given)], [wanted]);
  assert.match(textOf("Dockerfile"), new RegExp(`^ARG DENO_IMAGE=denoland/deno:${wanted}$`, "m"));
});

/** Programs that the runner has. */
const PROGRAMS = new Set(
  "basename case cd cp deno do done echo env esac for gh git if mkdir sha256sum sudo tar timeout".split(" "),
);

Deno.test("the workflows run tasks, scripts and programs that exist", () => {
  let commands = 0;
  for (const { name, step } of steps) {
    if (step.run === undefined) continue;
    // Values come by the environment: what stands in braces would become part of the script.
    assert.doesNotMatch(step.run, /\$\{\{/, name);
    for (const [, task] of step.run.matchAll(/\bdeno task (?:--quiet )?([\w:]+)/g)) {
      assert.ok(task in tasks, `${name}: no task '${task}'`);
      commands++;
    }
    for (const [path] of step.run.matchAll(/(?<=^|\s)\.ci\/[\w.-]+|\bexamples\/[\w/.-]+/g)) {
      Deno.statSync(`${projectRoot}/${path}`);
      commands++;
    }
    for (const [, program] of step.run.matchAll(/^\s*([a-z][\w-]*)(?= )/gm)) {
      assert.ok(PROGRAMS.has(program), `${name}: ${program}`);
    }
  }
  assert.ok(commands >= 8);
});

Deno.test("the image gets labels by arguments that the Dockerfile has", () => {
  const build = steps.find(({ step }) => step.uses?.startsWith("docker/build-push-action@"))!.step.with!;
  const given = String(build["build-args"]).trim().split("\n").map((line) => line.split("=")[0].trim());
  assert.deepEqual(given, ["VERSION", "REVISION", "SOURCE"]);
  for (const name of given) assert.match(textOf("Dockerfile"), new RegExp(`^ARG ${name}$`, "m"));
  assert.equal(build.platforms, "linux/amd64,linux/arm64");
});

Deno.test("a release of this version would have notes", () => {
  assert.ok(changelogSection(textOf("CHANGELOG.md"), version) !== undefined);
});

Deno.test("the release has notes, both profiles for both machines, a bill of materials and check sums", () => {
  const { jobs } = workflows.find(({ path }) => path.endsWith("release.yml"))!.workflow;
  const runs = jobs.binaries.steps!.map(({ run }) => run ?? "").join("\n");
  for (
    const part of [
      /^deno task --quiet release:notes "\$GITHUB_REF_NAME" >/m,
      /^for target in x86_64:amd64 aarch64:arm64; do$/m,
      /^ +for profile in daemonset vm; do$/m,
      /^ +deno task sbom /m,
      /^sha256sum -- \* >SHA256SUMS$/m,
    ]
  ) assert.match(runs, part);
  const [image] = jobs.image.steps!.filter(({ uses }) => uses?.startsWith("docker/build-push-action@"));
  assert.equal(image.with?.platforms, "linux/amd64,linux/arm64");
});
