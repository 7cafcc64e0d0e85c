/** A thread that answers each message, asks back for "ask", and dies of "die". */
import { parentThread } from "../../src/host/worker_threads.ts";

const parent = parentThread<string, string>();
parent.onMessage((message) => {
  if (message === "die") throw new Error("told to die");
  if (message === "ask") parent.post(`answered '${parent.ask("question")}' and '${parent.ask("another")}'`);
  else parent.post(`${message}, too`);
});
parent.post("ready");
