/** The tutorial's events, as its text shows them: keys, their order, and what their values look like. */
import assert from "node:assert/strict";
import type { TestKafka } from "../support/kafka.ts";
import { fieldOf, slsFields } from "../support/verify.ts";

/** What the runtime says about the pod that an event comes from. */
export interface FromPod {
  image: string;
  container: string;
  pod: string;
  namespace: string;
  uid: string;
  ip: string;
}

/** One event: whole seconds, and contents in order. */
export type Fields = { time: number; fields: [string, string][] };

/** Events of a topic, read by Kafka's own console consumer as in the tutorial. */
export async function consumed(kafka: TestKafka, topic: string, max: number): Promise<Fields[]> {
  const lines = await kafka.consoleConsume(topic, { max });
  const events = lines.map(slsFields);
  for (const { time } of events) {
    assert.ok(Math.abs(time - Date.now() / 1000) < 300, `Time ${time} is not the clock of collection`);
  }
  return events;
}

/** `2022-07-13T23:45:54.976593653+08:00`, in the form that the runtime writes. */
const runtimeTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** Fields 2 to 9 of an event from stdout or stderr. */
function podFields(time: string, stream: string, from: FromPod): [string, string][] {
  assert.match(time, runtimeTime);
  return [
    ["_time_", time],
    ["_source_", stream],
    ["_image_name_", from.image],
    ["_container_name_", from.container],
    ["_pod_name_", from.pod],
    ["_namespace_", from.namespace],
    ["_pod_uid_", from.uid],
    ["_container_ip_", from.ip],
  ];
}

/** The access line of the sample: a request by curl from inside the pod. */
export const accessLine =
  /^(::1|127\.0\.0\.1) - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "GET \/hello\/ilogtail HTTP\/1\.1" 404 153 "-" "curl\/[\d.]+" "-"$/;

/** The error line of the sample. */
export const errorLine =
  /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[error\] \d+#\d+: \*\d+ open\(\) "\/usr\/share\/nginx\/html\/hello\/ilogtail" failed \(2: No such file or directory\), client: (::1|127\.0\.0\.1), server: localhost, request: "GET \/hello\/ilogtail HTTP\/1\.1", host: "localhost"$/;

/** Step three: an unprocessed line. */
export function assertRawEvent(event: Fields, stream: string, line: RegExp, from: FromPod): void {
  const content = fieldOf(event, "content");
  assert.match(content, line);
  assert.deepEqual(event.fields, [
    ["content", content],
    ...podFields(fieldOf(event, "_time_"), stream, from),
  ]);
}

/** Step four: the access line taken apart. The sample's `url` is `path` in the tutorial's own pipeline. */
export function assertParsedEvent(event: Fields, from: FromPod): void {
  const address = fieldOf(event, "remote_addr");
  const time = fieldOf(event, "time_local");
  const agent = fieldOf(event, "http_user_agent");
  assert.match(address, /^(::1|127\.0\.0\.1)$/);
  assert.match(time, /^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d$/);
  assert.match(agent, /^curl\/[\d.]+$/);
  assert.deepEqual(event.fields, [
    ...podFields(fieldOf(event, "_time_"), "stdout", from),
    ["remote_addr", address],
    ["remote_user", "-"],
    ["time_local", time],
    ["method", "GET"],
    ["path", "/hello/ilogtail"],
    ["protocol", "HTTP/1.1"],
    ["status", "404"],
    ["body_bytes_sent", "153"],
    ["http_referer", "-"],
    ["http_user_agent", agent],
    ["http_x_forwarded_for", "-"],
  ]);
}

/** The second part: a line of JSON from a file inside a container. */
export function assertJsonEvent(event: Fields, from: FromPod): void {
  const time = fieldOf(event, "time");
  assert.match(time, /^\+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.deepEqual(event.fields, [
    ["__tag__:__path__", "/root/log/json.log"],
    ["__tag__:__user_defined_id__", "default"],
    ["__tag__:_container_ip_", from.ip],
    ["__tag__:_image_name_", from.image],
    ["__tag__:_container_name_", from.container],
    ["__tag__:_pod_name_", from.pod],
    ["__tag__:_namespace_", from.namespace],
    ["__tag__:_pod_uid_", from.uid],
    ["time", time],
    ["message", "Hello, iLogtail!"],
  ]);
}
