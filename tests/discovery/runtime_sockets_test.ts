import assert from "node:assert/strict";
import { runtimeSockets, SocketFinder } from "../../src/discovery/runtime_sockets.ts";
import { MemoryFiles } from "../support/virtual_host.ts";

const usual = (hostRoot = "/") => runtimeSockets({ dockerSockets: null, criSockets: null, hostRoot });

Deno.test("runtimeSockets looks for each name below /run and /var/run, here and below the host root", () => {
  assert.deepEqual(usual().map((socket) => `${socket.kind} ${socket.paths.join(" ")}`), [
    "docker /run/docker.sock /var/run/docker.sock",
    "cri /run/containerd/containerd.sock /var/run/containerd/containerd.sock",
    "cri /run/crio/crio.sock /var/run/crio/crio.sock",
    "cri /run/k3s/containerd/containerd.sock /var/run/k3s/containerd/containerd.sock",
  ]);
  assert.deepEqual(usual("/logtail_host")[0].paths, [
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/logtail_host/run/docker.sock",
    "/logtail_host/var/run/docker.sock",
  ]);
});

Deno.test("runtimeSockets takes given sockets in place of the usual ones of that kind", () => {
  const sockets = runtimeSockets({ dockerSockets: null, criSockets: ["/a.sock", "/b.sock"], hostRoot: "/" });
  assert.deepEqual(sockets.map((socket) => socket.paths[0]), ["/run/docker.sock", "/a.sock", "/b.sock"]);
});

Deno.test("runtimeSockets leaves out a kind when its list is empty", () => {
  const sockets = runtimeSockets({ dockerSockets: ["/d.sock"], criSockets: [], hostRoot: "/logtail_host" });
  assert.deepEqual(sockets, [{ kind: "docker", name: "/d.sock", paths: ["/d.sock"] }]);
});

Deno.test("SocketFinder follows one socket once when two names lead to it", () => {
  const files = new MemoryFiles();
  files.fifo("/run/docker.sock");
  files.link("/run", "/var/run");
  files.fifo("/run/containerd/containerd.sock");
  files.link("/run/containerd/containerd.sock", "/run/k3s/containerd/containerd.sock");
  const finder = new SocketFinder(files);
  const found = () => usual().map((socket) => finder.find(socket));
  const sockets = usual();
  const foundSame = () => sockets.map((socket) => finder.find(socket));
  assert.deepEqual(foundSame(), ["/run/docker.sock", "/run/containerd/containerd.sock", null, null]);
  assert.deepEqual(foundSame(), ["/run/docker.sock", "/run/containerd/containerd.sock", null, null]);
  assert.deepEqual(found(), [null, null, null, null]);
});

Deno.test("SocketFinder finds the new socket when a daemon was restarted, and none while it is stopped", () => {
  const files = new MemoryFiles();
  files.reuseInodes = false;
  const [docker] = usual();
  const finder = new SocketFinder(files);
  assert.equal(finder.find(docker), null);
  files.fifo("/var/run/docker.sock");
  assert.equal(finder.find(docker), "/var/run/docker.sock");
  files.unlink("/var/run/docker.sock");
  assert.equal(finder.find(docker), null);
  files.fifo("/var/run/docker.sock");
  assert.equal(finder.find(docker), "/var/run/docker.sock");
});

Deno.test("SocketFinder passes over a folder that stands in the socket's place", () => {
  const files = new MemoryFiles();
  files.folder("/run/docker.sock");
  assert.equal(new SocketFinder(files).find(usual()[0]), null);
});
