import assert from "node:assert/strict";
import { startContainerd } from "./containerd.ts";
import { startDockerd } from "./dockerd.ts";
import { tags } from "./images.ts";
import { startNamespace } from "./namespace.ts";
import { bedTest, need } from "./system.ts";

const test = bedTest(await need("docker", "containerd"));

test("startNamespace serves dockerd, containerd and a scoped deno when they share it", async () => {
  const namespace = await startNamespace();
  const root = await namespace.hostRoot();
  const docker = await startDockerd({ namespace });
  const containerd = await startContainerd({ namespace });
  const command = ["sh", "-c", "echo hi >/root/f; exec sleep 1000"];
  await docker.run({ image: tags.busybox, cmd: command });
  const pod = await containerd.cri.runPod({ name: "p" });
  const container = await containerd.cri.runContainer(pod, { name: "c", image: tags.busybox, command });
  const { pid } = await containerd.cri.status(container);
  const rootfs = `${containerd.state}/io.containerd.runtime.v2.task/k8s.io/${container.id}/rootfs/root/f`;
  // What an agent with scoped permissions sees through its host root: later mounts, processes, sockets.
  const script = `${namespace.folder}/look.ts`;
  Deno.writeTextFileSync(
    script,
    `const [root, pid, rootfs] = Deno.args;
console.log(Deno.readTextFileSync(root + rootfs).trim());
console.log(Deno.readTextFileSync(root + "/proc/" + pid + "/mountinfo").includes("upperdir="));
console.log(Deno.statSync(root + "/run/docker.sock").isSocket, Deno.statSync(root + "/run/containerd/containerd.sock").isSocket);
console.log(Deno.readTextFileSync(root + "/proc/self/stat").split(" ")[0] === String(Deno.pid));`,
  );
  const flags = ["run", "--no-prompt", "--no-config", "--no-lock", `--allow-read=${root}`];
  const looker = await namespace.start([Deno.execPath(), ...flags, script, root, String(pid), rootfs]);
  const code = await looker.ended();
  assert.equal(code, 0, Deno.readTextFileSync(looker.logFile));
  assert.equal(Deno.readTextFileSync(looker.outFile), "hi\ntrue\ntrue true\ntrue\n");
  await containerd.teardown();
  await docker.teardown();
  await namespace.end();
});
