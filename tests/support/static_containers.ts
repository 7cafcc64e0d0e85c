/** A list of containers that no runtime knows: what a sidecar's author writes. */

/** One whose folder of logs, `/log` inside, is a folder of the host. */
function staticContainer(name: string, logs: string) {
  return {
    ID: name.padStart(64, "0"),
    Name: name,
    Image: "busybox",
    HostName: "node-1",
    IP: "10.0.0.1",
    Labels: {},
    Env: {},
    Mounts: [{ Source: logs, Destination: "/log" }],
    State: { Status: "running", Pid: 0 },
  };
}

/** Makes `<folder>/<name>` for each, and the list. Gives the flags of the agent, and what it has to be able to read. */
export function staticContainers(
  folder: string,
  names: readonly string[],
): { flags: string[]; read: string[] } {
  const list = `${folder}/containers.json`;
  for (const name of names) Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
  Deno.writeTextFileSync(
    list,
    JSON.stringify(names.map((name) => staticContainer(name, `${folder}/${name}`))),
  );
  return { flags: [`--static-containers=${list}`], read: [list] };
}
