/** Certificates and configuration files of a Kubernetes cluster with one node. */
import { mustRun } from "./process.ts";

/** Places and numbers of one cluster. */
export interface ClusterPlaces {
  /** For certificates, configuration and data. */
  folder: string;
  nodeName: string;
  /** The node's address; not one of the loopback interface, which the kubelet refuses. */
  nodeAddress: string;
  apiPort: number;
  kubeletPort: number;
  kubeletHealthPort: number;
  etcdPort: number;
  etcdPeerPort: number;
  controllerPort: number;
  schedulerPort: number;
  /** Control group, below the root, that all pods hang below. */
  cgroupRoot: string;
}

/** How the kubelet rotates the files of containers. */
export interface LogRotation {
  maxSize: string;
  maxFiles: number;
}

/** Who talks to the API server, with the subject by which it knows them. */
const clients = {
  admin: () => "/O=system:masters/CN=admin",
  kubelet: (places: ClusterPlaces) => `/O=system:nodes/CN=system:node:${places.nodeName}`,
};

/** Makes a CA, the API server's certificate, a kubeconfig for each client, and the key that signs tokens. */
export async function makeClusterFiles(places: ClusterPlaces): Promise<void> {
  const { folder } = places;
  const openssl = (...args: string[]) => mustRun(["openssl", ...args], { cwd: folder });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl(
    "req",
    "-x509",
    ...key,
    "-days",
    "30",
    "-subj",
    "/CN=ca",
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
  );
  const names = `DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1,IP:${places.nodeAddress},IP:10.0.0.1`;
  const usage = "extendedKeyUsage=serverAuth,clientAuth";
  Deno.writeTextFileSync(`${folder}/extensions`, `subjectAltName=${names}\n${usage}\n`);
  const sign = async (name: string, subject: string) => {
    await openssl("req", ...key, "-subj", subject, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    const ca = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30"];
    const files = ["-in", `${name}.csr`, "-out", `${name}.crt`, "-extfile", "extensions"];
    await openssl("x509", "-req", ...ca, ...files);
  };
  await sign("apiserver", "/CN=apiserver");
  for (const [name, subject] of Object.entries(clients)) {
    await sign(name, subject(places));
    Deno.writeTextFileSync(`${folder}/${name}.kubeconfig`, JSON.stringify(kubeconfig(places, name)));
  }
  await openssl("genrsa", "-out", "accounts.key", "2048");
}

function kubeconfig({ folder, apiPort }: ClusterPlaces, name: string): unknown {
  const cluster = { server: `https://127.0.0.1:${apiPort}`, "certificate-authority": `${folder}/ca.crt` };
  const user = { "client-certificate": `${folder}/${name}.crt`, "client-key": `${folder}/${name}.key` };
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster }],
    users: [{ name, user }],
    contexts: [{ name: "c", context: { cluster: "c", user: name } }],
    "current-context": "c",
  };
}

/** The kubelet's configuration: containerd on its usual socket, cgroup v1 or v2, nothing evicted. */
export function kubeletConfig(places: ClusterPlaces, rotation: LogRotation): unknown {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: places.nodeAddress,
    port: places.kubeletPort,
    healthzPort: places.kubeletHealthPort,
    // The API server comes without a certificate that the kubelet would know.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${places.cgroupRoot}`,
    failCgroupV1: false,
    enforceNodeAllocatable: [],
    localStorageCapacityIsolation: false,
    failSwapOn: false,
    makeIPTablesUtilChains: false,
    volumePluginDir: `${places.folder}/volume-plugins`,
    evictionHard: { "memory.available": "50Mi" },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    containerLogMaxSize: rotation.maxSize,
    containerLogMaxFiles: rotation.maxFiles,
    containerLogMonitorInterval: "3s",
  };
}
