import assert from "node:assert/strict";
import { checkHostRoot, checkPropagation } from "../../../src/cli/doctor/check_host_root.ts";
import { mount, TestMachine } from "./test_machine.ts";

/** State, text and sufferers after a change. */
function found(check: typeof checkPropagation, change: (on: TestMachine) => void = () => {}) {
  const on = new TestMachine();
  change(on);
  const finding = check(on.machine());
  return finding === null ? null : [finding.state, finding.found, finding.pipelines.join(" ")];
}

const ALL = "out inside host";

Deno.test("checkHostRoot is content with a host's root", () => {
  assert.deepEqual(found(checkHostRoot), ["ok", "'/logtail_host'", ""]);
  const machine = found(checkHostRoot, (on) => (on.flags = {}, on.inContainer = false));
  assert.deepEqual(machine, ["ok", "'/', this machine itself", ""]);
});

Deno.test("checkHostRoot names a host root that is missing, empty, or something else", () => {
  assert.deepEqual(found(checkHostRoot, (on) => on.files.unlink("/logtail_host")), [
    "wrong",
    "'/logtail_host' does not exist, or may not be looked at",
    ALL,
  ]);
  const empty = found(checkHostRoot, (on) => {
    for (const name of ["var", "etc", "proc"]) on.files.unlink(`/logtail_host/${name}`);
  });
  assert.deepEqual(empty, ["wrong", "'/logtail_host' is empty: nothing is mounted there", ALL]);
  const file = found(checkHostRoot, (on) => {
    on.files.unlink("/logtail_host");
    on.files.write("/logtail_host", "");
  });
  assert.deepEqual(file, ["wrong", "'/logtail_host' is not a folder", ALL]);
  const denied = found(checkHostRoot, (on) => on.files.denied.add("/logtail_host"));
  assert.deepEqual(denied, ["wrong", "'/logtail_host' cannot be read", ALL]);
  const other = found(checkHostRoot, (on) => {
    for (const name of ["var", "proc"]) on.files.unlink(`/logtail_host/${name}`);
  });
  assert.deepEqual(other, [
    "wrong",
    "'/logtail_host' is not the root of a host: it has neither 'var' nor 'proc', but 'etc'",
    ALL,
  ]);
  const listed = found(checkHostRoot, (on) => on.files.unlink("/logtail_host/var"));
  assert.deepEqual(listed, ["ok", "'/logtail_host'", ""], "single folders of the host");
  const shared = found(checkHostRoot, (on) => {
    for (const name of ["var", "proc"]) on.files.unlink(`/logtail_host/${name}`);
    on.flags = { ...on.flags, staticInfoFile: "/etc/containers.json" };
  });
  assert.deepEqual(shared, ["ok", "'/logtail_host', beside static container info", ""], "a sidecar's");
});

Deno.test("checkHostRoot names a container that sees only itself, unless it is a sidecar", () => {
  const text = "the agent is in a container and the host's '/' is not mounted: it sees its own files only";
  assert.deepEqual(found(checkHostRoot, (on) => on.flags = {}), ["wrong", text, "out inside"]);
  const sidecar = found(checkHostRoot, (on) => (on.flags = {}, on.pipelines = { app: ["host_files"] }));
  assert.deepEqual(sidecar, ["warning", text, ""], "its own files may be meant");
  const told = found(checkHostRoot, (on) => on.flags = { staticInfoFile: "/etc/containers.json" });
  assert.deepEqual(told, ["ok", "'/' of the agent's own container, beside static container info", ""]);
  const looped = found(checkHostRoot, (on) => {
    on.files.unlink("/logtail_host");
    on.files.link("/", "/logtail_host");
    on.files.folder("/var");
  });
  assert.deepEqual(looped, ["wrong", "'/logtail_host' shows the agent's own container, not the host", ALL]);
});

Deno.test("checkHostRoot warns where the host's proc cannot be read", () => {
  const [state, text] = found(checkHostRoot, (on) => on.files.unlink("/logtail_host/proc"))!;
  assert.equal(state, "warning");
  assert.match(text, /^'\/logtail_host\/proc' cannot be read: .* are not recognised$/);
});

Deno.test("checkHostRoot tells how to mount, at the place that was asked for", () => {
  const on = new TestMachine();
  on.flags = { hostRoot: "/host" };
  assert.deepEqual(checkHostRoot(on.machine()).remedy, [
    "docker run: -v /:/host:ro,rslave",
    "Kubernetes: volumes: [{name: host-root, hostPath: {path: /}}], volumeMounts: [{name: host-root, mountPath: /host, readOnly: true, mountPropagation: HostToContainer}]",
    "a machine: mkdir -p /host && mount --rbind / /host && mount --make-rslave /host",
  ]);
});

Deno.test("checkPropagation is content where later mounts are seen", () => {
  assert.deepEqual(found(checkPropagation), ["ok", "slave: later mounts of the host are seen", ""]);
  const shared = found(checkPropagation, (on) => on.mounts(mount("/logtail_host", "ext4", "shared:3 ")));
  assert.deepEqual(shared, ["ok", "shared: later mounts of the host are seen", ""]);
  assert.equal(found(checkPropagation, (on) => on.flags = {}), null, "the machine's own mounts");
});

Deno.test("checkPropagation names a private mount, and who reads files in containers", () => {
  const closed = (tags: string) =>
    found(checkPropagation, (on) => on.mounts(mount("/"), mount("/logtail_host", "ext4", tags)));
  assert.deepEqual(closed(""), [
    "wrong",
    "'/logtail_host' is mounted private: volumes and root file systems of containers that start later are not seen",
    "inside",
  ]);
  assert.equal(closed("unbindable ")![0], "wrong");
  const unneeded = found(checkPropagation, (on) => {
    on.mounts(mount("/logtail_host", "ext4", ""));
    on.pipelines = { out: ["container_output"] };
  });
  assert.equal(unneeded![0], "warning");
});

Deno.test("checkPropagation looks at each part where only parts of the host are mounted", () => {
  const parts = found(checkPropagation, (on) =>
    on.mounts(
      mount("/logtail_host/proc", "proc", ""),
      mount("/logtail_host/var/log"),
      mount("/logtail_host/var/lib", "ext4", ""),
      mount("/logtail_host/var/lib/docker/merged", "overlay", ""),
    ));
  assert.match(parts![1], /^'\/logtail_host\/var\/lib' is mounted private:/);
});

Deno.test("checkPropagation does not guess", () => {
  const unread = found(checkPropagation, (on) => on.files.unlink("/logtail_host/proc"));
  const text = "'/logtail_host/proc/self/mountinfo' cannot be read, so it is not known";
  assert.deepEqual(unread, ["unknown", text, ""]);
  const folder = found(checkPropagation, (on) => on.mounts(mount("/")));
  assert.deepEqual(folder, ["unknown", "'/logtail_host' is no mount of its own", ""]);
});
