/** What the two halves of the by-hand suite of the cluster tell each other: environment names. */

/** Names the folder of the programs of Kubernetes. */
export const clusterPrograms = "DENOTAIL_TEST_KUBERNETES";

/** Names the archive of the agent's image, as `docker save` writes it. */
export const clusterAgentArchive = "DENOTAIL_TEST_AGENT_ARCHIVE";

/** Value of one of the names; throws when the suite was not started by `deno task test:cluster`. */
export function clusterInput(name: string): string {
  const value = Deno.env.get(name);
  if (value === undefined) {
    throw new Error(`${name} is not set: start the suite with 'deno task test:cluster'`);
  }
  return value;
}
