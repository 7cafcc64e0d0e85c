import assert from "node:assert/strict";
import { startContainerd } from "./containerd.ts";
import { nginxImage, tags } from "./images.ts";
import { mustRun, waitFor } from "./process.ts";
import { bedTest, need } from "./system.ts";

const test = bedTest(await need("containerd", "curl"));

test("CriDriver makes kubelet-shaped pods and containers when driven through a whole life", async () => {
  const containerd = await startContainerd();
  const { cri } = containerd;
  assert.match(await cri.version(), /^containerd /);
  const pod = await cri.runPod({ name: "web-1", labels: { app: "web" } });
  assert.match(pod.ip, /^10\.\d+\.\d+\.\d+$/);
  const script = "echo $GREETING; echo bad >&2; echo x >/root/f; trap 'exit 3' TERM; sleep 1000 & wait";
  const spec = {
    name: "web",
    image: tags.busybox,
    command: ["sh", "-c", script],
    env: { GREETING: "hello" },
  };
  const container = await cri.runContainer(pod, spec);
  const log = () => Deno.readTextFileSync(container.logPath).trim().split("\n");
  await waitFor("both lines", () => log().length === 2);
  assert.deepEqual(log().map((line) => line.split(" ").slice(1).join(" ")).sort(), [
    "stderr F bad",
    "stdout F hello",
  ]);
  const status = await cri.status(container);
  assert.equal(status.state, "running");
  assert.equal(status.logPath, container.logPathInside);
  assert.equal(status.labels["io.kubernetes.container.name"], "web");
  assert.equal(status.labels["io.kubernetes.pod.uid"], pod.uid);
  const hosts = await cri.exec(container, ["cat", "/etc/hosts"]);
  assert.ok(hosts.stdout.includes(`${pod.ip}\tweb-1`), hosts.stdout);
  assert.equal((await cri.exec(container, ["sh", "-c", "exit 4"])).code, 4);
  // The rootfs is mounted inside only; the runtime's pid is the inside's.
  const rootfs = `${containerd.state}/io.containerd.runtime.v2.task/k8s.io/${container.id}/rootfs/root/f`;
  assert.equal(await containerd.namespace.mustRun(["cat", rootfs]), "x\n");
  const mountInfo = await containerd.namespace.mustRun(["cat", `/proc/${status.pid}/mountinfo`]);
  const upper = /upperdir=([^,\s]+)/.exec(mountInfo)![1];
  assert.equal(Deno.readTextFileSync(`${upper}/root/f`), "x\n");

  const rotated = await cri.rotate(container);
  assert.match(rotated, /0\.log\.\d{8}-\d{6}$/);
  assert.equal(Deno.readTextFileSync(container.logPath), "");
  await containerd.restartDaemon();
  assert.equal((await cri.status(container)).state, "running");
  // Long before the end of its grace.
  assert.ok(await cri.stop(container, 60) < 50_000);
  assert.equal(await cri.ended(container), 3);
  await cri.remove(container);
  const again = await cri.runContainer(pod, { ...spec, attempt: 1 });
  assert.match(again.logPath, /web\/1\.log$/);

  const onHost = await cri.runPod({ name: "agent", hostNetwork: true });
  assert.equal(onHost.ip, "");
  const { folder, uniqueName } = containerd.namespace;
  await containerd.teardown();
  assert.throws(() => Deno.statSync(folder), Deno.errors.NotFound);
  assert.equal((await mustRun(["ip", "-o", "link"])).includes(uniqueName), false);
  assert.equal(await mustRun(["find", "/sys/fs/cgroup", "-maxdepth", "2", "-name", uniqueName]), "");
});

test("nginxImage serves over IPv6 in a pod when curl asks there", async () => {
  const containerd = await startContainerd();
  await containerd.load(await nginxImage());
  const pod = await containerd.cri.runPod({ name: "nginx-76d49876c7-r892w", labels: { app: "nginx" } });
  const container = await containerd.cri.runContainer(pod, { name: "nginx", image: tags.nginx });
  const ask = ["curl", "-s", "-o", "/dev/null", "localhost/hello/ilogtail"];
  await waitFor("nginx", async () => (await containerd.cri.exec(container, ask)).code === 0);
  const line = await waitFor("the access line", () => {
    return Deno.readTextFileSync(container.logPath).split("\n").find((one) => one.includes(" stdout F "));
  });
  assert.match(
    line,
    /stdout F (::1|127\.0\.0\.1) - - \[.*\] "GET \/hello\/ilogtail HTTP\/1\.1" 404 153 "-" "curl\//,
  );
  await containerd.teardown();
});
