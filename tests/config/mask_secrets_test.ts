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
    ['  - {"Username":"a","Password":"hunter2"}', '  - {"Username":"a","Password":******'],
  ];
  for (const [line, want] of cases) assert.equal(maskSecrets(line), want);
});

Deno.test("maskSecrets hides a value on a line of its own when its path says that it is a secret", () => {
  const path = ["flushers", 0, "Authentication", "SASL", "Password"];
  assert.equal(maskSecrets("      - hunter2 and more", path), "      - ******");
  assert.equal(maskSecrets("      hunter2", path), "      ******");
  assert.equal(maskSecrets("      - ${KAFKA_PASSWORD}", path), "      - ${KAFKA_PASSWORD}");
  assert.equal(maskSecrets("    Password:", path), "    Password:");
  assert.equal(maskSecrets("      - access", ["flushers", 0, "Topic"]), "      - access");
});
