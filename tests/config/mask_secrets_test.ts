import assert from "node:assert/strict";
import { maskSecrets } from "../../src/config/mask_secrets.ts";

Deno.test("maskSecrets hides what follows a key that sounds like a secret", () => {
  const cases: [string, string][] = [
    ["  Password: hunter2", "  Password: ******"],
    ["  Pasword: hunter2", "  Pasword: ******"],
    ["SASL: {Username: a, 'SaslPassword': b, x: c}", "SASL: {Username: a, 'SaslPassword': ******"],
    ["  api_token: t", "  api_token: ******"],
    ["  Password: ${KAFKA_PASSWORD}", "  Password: ${KAFKA_PASSWORD}"],
    ["  Password: ${file:/run/secret}", "  Password: ${file:/run/secret}"],
    ["  Password: ${X:hunter2}", "  Password: ******"],
    ["  Topic: access-log", "  Topic: access-log"],
    ["  Password:", "  Password:"],
  ];
  for (const [line, want] of cases) assert.equal(maskSecrets(line), want);
});
