/** The tutorial on a real dockerd, its containers labelled and named as a kubelet with Docker does. */
import { need } from "../support/system.ts";
import { AgentBed } from "./agent_bed.ts";
import { jsonTutorial, nginxTutorial, type TutorialPlace } from "./tutorial_docker.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "docker"));

async function place(): Promise<TutorialPlace> {
  const [kafka, docker] = [await bed.kafka(), await bed.docker()];
  return { kafka, docker, agent: (pipelines) => bed.agent({ pipelines }) };
}

test("run delivers the tutorial's nginx events when dockerd runs the pod", async () => {
  await nginxTutorial(await place());
});

test("run delivers the tutorial's file inside a container when dockerd runs the pod", async () => {
  await jsonTutorial(await place());
});
