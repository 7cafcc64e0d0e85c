/** The tutorial on a real containerd. */
import { need } from "../support/system.ts";
import { AgentBed } from "./agent_bed.ts";
import { jsonOnContainerd, nginxOnContainerd } from "./tutorial_containerd.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "containerd"));

test("run delivers the tutorial's nginx events when containerd runs the pod", () => nginxOnContainerd(bed));

test("run delivers the tutorial's file inside a container when containerd runs the pod", () =>
  jsonOnContainerd(bed));
