import assert from "node:assert/strict";
import { asksForTags } from "../../src/core/env_tags.ts";

Deno.test("asksForTags takes the variables of iLogtail that end in _tags", () => {
  assert.equal(asksForTags("aliyun_logs_app_tags"), true);
  assert.equal(asksForTags("loong_logs_app_tags"), true);
  assert.equal(asksForTags("aliyun_logs_app"), false);
  assert.equal(asksForTags("my_aliyun_logs_app_tags"), false);
  assert.equal(asksForTags("aliyun_logs__tags"), false);
});
