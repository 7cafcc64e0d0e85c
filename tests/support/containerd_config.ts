/** The configuration files of containerd, whose layout changed with version 2. */
import { tags } from "./images.ts";

/** Folders and sockets of one containerd. */
export interface ContainerdPlaces {
  root: string;
  state: string;
  /** Its socket, as seen inside the namespace. */
  socket: string;
  /** Folder of the network configuration. */
  networks: string;
  /** Folder that says which hosts stand in for registries; absent: none does. Only containerd 2 is told. */
  registryHosts?: string;
}

/** `config.toml` of containerd 1.6 and 1.7. */
export function containerd1Config(places: ContainerdPlaces): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${places.root}"
state = "${places.state}"
[grpc]
  address = "${places.socket}"
[${cri}]
  sandbox_image = "${tags.pause}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  disable_tcp_service = true
  stream_server_address = "127.0.0.1"
  [${cri}.cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${places.networks}"
  [${cri}.containerd]
    default_runtime_name = "runc"
    snapshotter = "overlayfs"
    [${cri}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
`;
}

/** `config.toml` of containerd 2. Its shim is not in the PATH: `shim` is the full path. */
export function containerd2Config(places: ContainerdPlaces, shim: string): string {
  const images = 'plugins."io.containerd.cri.v1.images"';
  const runtime = 'plugins."io.containerd.cri.v1.runtime"';
  return `version = 3
root = "${places.root}"
state = "${places.state}"
[grpc]
  address = "${places.socket}"
[plugins."io.containerd.nri.v1.nri"]
  disable = true
[${images}]
  snapshotter = "overlayfs"
  [${images}.pinned_images]
    sandbox = "${tags.pause}"
  [${images}.registry]
    config_path = "${places.registryHosts ?? ""}"
[${runtime}]
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [${runtime}.cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "${places.networks}"
  [${runtime}.containerd]
    default_runtime_name = "runc"
    [${runtime}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      runtime_path = "${shim}"
`;
}
