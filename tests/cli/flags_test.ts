import assert from "node:assert/strict";
import { FLAGS } from "../../src/cli/flags.ts";

Deno.test("FLAGS parses values and refuses others", () => {
  const cases: [keyof typeof FLAGS, string, unknown][] = [
    ["cpuLimitCores", "0.5", 0.5],
    ["cpuLimitCores", "0.01", undefined],
    ["cpuLimitCores", "500m", undefined],
    ["memLimitMb", "512", 512],
    ["memLimitMb", "512Mi", undefined],
    ["workers", "0", 0],
    ["workers", "16", 16],
    ["workers", "17", undefined],
    ["workers", "1.5", undefined],
    ["workers", "", undefined],
    ["stopTimeoutMs", "1m30s", 90_000],
    ["stopTimeoutMs", "10", undefined],
    ["dockerSockets", "unix:///run/a.sock, /run/b.sock", ["/run/a.sock", "/run/b.sock"]],
    ["dockerSockets", "off", []],
    ["dockerSockets", "tcp://10.0.0.1:2375", undefined],
    ["metrics", "0.0.0.0:9465", { host: "0.0.0.0", port: 9465 }],
    ["metrics", "0.0.0.0:99999", undefined],
    ["metrics", "off", "off"],
    ["envTags", "A| B ||C", ["A", "B", "C"]],
    ["logLevel", "WARN", "warn"],
    ["logLevel", "trace", undefined],
    ["fromStart", "yes", true],
    ["hostRoot", "relative", undefined],
    ["checkpoint", "", undefined],
  ];
  for (const [key, text, want] of cases) assert.deepEqual(FLAGS[key].parse(text), want, `${key} ${text}`);
});
