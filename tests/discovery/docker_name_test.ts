import assert from "node:assert/strict";
import { dockerName, dockerPodKey } from "../../src/discovery/docker_name.ts";

const none = new Map<string, string>();

Deno.test("dockerName reads the kubelet's name when labels are missing", () => {
  const name = dockerName("/k8s_web_front-1_shop_uid-1_2", none);
  assert.deepEqual(name, {
    name: "web",
    podName: "front-1",
    namespace: "shop",
    podUid: "uid-1",
    isPause: false,
  });
  assert.equal(dockerPodKey(name), "shop/front-1/uid-1");
});

Deno.test("dockerName takes labels before the name when they differ", () => {
  const labels = new Map([
    ["io.kubernetes.container.name", "api"],
    ["io.kubernetes.pod.name", "back"],
    ["io.kubernetes.pod.namespace", "prod"],
    ["io.kubernetes.pod.uid", "uid-9"],
  ]);
  const expected = { name: "api", podName: "back", namespace: "prod", podUid: "uid-9", isPause: false };
  assert.deepEqual(dockerName("/k8s_web_front_shop_uid-1_0", labels), expected);
  assert.deepEqual(dockerName("/whatever", labels), expected);
});

Deno.test("dockerName leaves a plain name alone when it has many underscores", () => {
  for (const plain of ["a_b_c_d_e", "a_b_c_d_e_f", "k8s_short", "k8sx_a_b_c_d_0", "web"]) {
    const name = dockerName(`/${plain}`, none);
    assert.deepEqual(name, { name: plain, podName: "", namespace: "", podUid: "", isPause: false });
    assert.equal(dockerPodKey(name), "");
  }
});

Deno.test("dockerName knows a sandbox when name or label say so", () => {
  assert.equal(dockerName("/k8s_POD_front_shop_uid_0", none).isPause, true);
  assert.equal(dockerName("/x", new Map([["io.kubernetes.docker.type", "podsandbox"]])).isPause, true);
  assert.equal(dockerName("/x", new Map([["io.kubernetes.docker.type", "container"]])).isPause, false);
  assert.equal(dockerName("/POD", none).isPause, false);
});
