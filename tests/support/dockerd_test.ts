import assert from "node:assert/strict";
import { startDockerd } from "./dockerd.ts";
import { alpineImage, buildImage, busyboxImage, nginxImage, tags } from "./images.ts";
import { mustRun, run, waitFor } from "./process.ts";
import { bedTest, need } from "./system.ts";

const test = bedTest(await need("docker", "curl"));

/** Lines of a json-file log; none while nothing was written yet. */
function linesOf(path: string): { stream: string; log: string }[] {
  const text = Deno.readTextFileSync(path);
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

test("buildImage gives the same bytes when asked twice", async () => {
  assert.deepEqual(await buildImage(await busyboxImage()), await buildImage(await busyboxImage()));
});

test("TestDocker runs, logs, restarts and leaves nothing behind when containers come and go", async () => {
  const docker = await startDockerd();
  const echo = await docker.run({
    name: "echo",
    image: tags.busybox,
    labels: { "io.kubernetes.pod.name": "p" },
    env: { GREETING: "hello" },
    cmd: [
      "sh",
      "-c",
      "trap 'exit 0' TERM; echo $GREETING; echo bad >&2; mkdir -p /data; echo x >/data/f; sleep 1000 & wait",
    ],
  });
  const logPath = await docker.logPath(echo);
  const log = () => linesOf(logPath);
  await waitFor("both lines", () => log().length === 2);
  assert.deepEqual(log().map((line) => `${line.stream} ${line.log}`).sort(), [
    "stderr bad\n",
    "stdout hello\n",
  ]);
  const inspected = await docker.inspect("echo");
  assert.equal(inspected.Id, echo);
  assert.equal(inspected.Config.Labels["io.kubernetes.pod.name"], "p");
  assert.match(inspected.NetworkSettings.IPAddress, /^10\.\d+\.\d+\.\d+$/);
  assert.equal(Deno.readTextFileSync(`${inspected.GraphDriver.Data.UpperDir}/data/f`), "x\n");
  assert.equal((await docker.exec(echo, ["cat", "/data/f"])).stdout, "x\n");
  // Long before the end of its grace.
  assert.ok(await docker.stop(echo, 60) < 50_000);
  await docker.stopDaemon();
  assert.notEqual((await docker.cli(["version"])).code, 0);
  await docker.startDaemon();
  await docker.start(echo);
  await waitFor("the lines of the second life", () => log().length === 4);
  await docker.remove(echo);
  const [bridge] = docker.namespace.bridges;
  assert.equal((await run(["ip", "link", "show", bridge])).code, 0);
  await docker.teardown();
  assert.notEqual((await run(["ip", "link", "show", bridge])).code, 0);
  assert.equal((await mustRun(["cat", "/proc/mounts"])).includes(docker.namespace.folder), false);
  assert.equal(
    await mustRun(["find", "/sys/fs/cgroup", "-maxdepth", "2", "-name", docker.namespace.uniqueName]),
    "",
  );
});

test("nginxImage writes the tutorial's lines when curl asks for a missing page", async () => {
  const docker = await startDockerd();
  await docker.load(await nginxImage());
  const id = await docker.run({ image: tags.nginx });
  const ask = () =>
    docker.exec(id, ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "127.0.0.1/hello/ilogtail"]);
  await waitFor("nginx", async () => (await ask()).stdout === "404");
  const logPath = await docker.logPath(id);
  const of = (stream: string) =>
    linesOf(logPath).filter((line) => line.stream === stream).map((line) => line.log);
  const access =
    /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/hello\/ilogtail HTTP\/1\.1" 404 153 "-" "curl\/[\d.]+" "-"\n$/;
  await waitFor("the access line", () => of("stdout").some((line) => access.test(line)));
  const error = await waitFor("the error line", () => of("stderr").find((line) => line.includes("[error]")));
  assert.match(
    error,
    /open\(\) "\/usr\/share\/nginx\/html\/hello\/ilogtail" failed \(2: No such file or directory\)/,
  );
  await docker.teardown();
});

test("alpineImage runs the tutorial's json-log command when started as there", async () => {
  const docker = await startDockerd();
  await docker.load(await alpineImage());
  const script =
    `mkdir -p /root/log; while true; do date +'{"time":"+%Y-%m-%d %H:%M:%S","message":"Hello, iLogtail!"}' ` +
    ">>/root/log/json.log; sleep 10; done";
  const id = await docker.run({
    image: tags.alpine,
    entrypoint: "/bin/sh",
    cmd: ["-c", "--", script],
    mounts: { "/etc/localtime": "/etc/localtime" },
  });
  const file = `${(await docker.inspect(id)).GraphDriver.Data.UpperDir}/root/log/json.log`;
  const line = await waitFor("a line", () => run(["cat", file]).then((result) => result.stdout || false));
  assert.match(JSON.parse(line).time, /^\+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  await docker.teardown();
});
