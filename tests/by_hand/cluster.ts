/**
 * `deno task test:cluster`: the manifests of k8s/ and the tutorial's own on a real Kubernetes with one node, built with
 * Go at the first run. All of it lives in a network of its own, since pods with `hostNetwork` listen on fixed ports.
 *
 *   deno task test:cluster                   everything
 *   deno task test:cluster sidecar strict    only the steps whose names contain one of the texts
 */
import { containerd2Folder } from "../support/containerd.ts";
import { containerd2Version, installContainerd2 } from "../support/containerd_install.ts";
import { installKafka } from "../support/kafka_install.ts";
import { installKubernetes, kubernetesVersion } from "../support/kubernetes_install.ts";
import { runLimited } from "../support/run_limited.ts";
import { findProgram, need } from "../support/system.ts";
import { agentArchive } from "./cluster_agent.ts";
import { clusterAgentArchive, clusterPrograms } from "./cluster_inputs.ts";

/** All steps take five minutes on two busy cores. */
const limitMs = 20 * 60_000;
const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));

if (findProgram("go") === undefined) {
  throw new Error(
    `Kubernetes ${kubernetesVersion} and containerd ${containerd2Version} are built with Go: put 'go' into PATH`,
  );
}
if (!await need("kafka", "containerd", "etcd")) Deno.exit(1);
await installKafka();
const env = {
  [containerd2Folder]: await installContainerd2(),
  [clusterPrograms]: await installKubernetes(say),
  [clusterAgentArchive]: Deno.env.get(clusterAgentArchive) ?? await agentArchive(),
};
const prefix = ["unshare", "-n", "--", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"];
const suite = "tests/by_hand/cluster_suite.ts";
const { code } = await runLimited(["test", "-A", "--no-check", suite, "--", ...Deno.args], {
  prefix,
  env,
  limitMs,
});
Deno.exit(code);
