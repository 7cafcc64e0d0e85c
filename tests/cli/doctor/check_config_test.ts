import assert from "node:assert/strict";
import { checkConfig, stemsWithErrors } from "../../../src/cli/doctor/check_config.ts";
import type { Problem } from "../../../src/config/problem.ts";

const problem = (file: string, level: Problem["level"], code = "CONFIG_TYPE"): Problem => ({
  code,
  level,
  file,
  line: 1,
  column: 1,
  path: "",
  message: "wrong",
});

function found(problems: readonly Problem[], files: number, pipelines: number) {
  const finding = checkConfig("/conf", { problems, files, pipelines });
  return [finding.state, finding.found, finding.pipelines.join(" "), finding.remedy[0] ?? ""];
}

const VALIDATE = "denotail validate --config-dir /conf prints each with its place";

Deno.test("checkConfig counts files and pipelines", () => {
  assert.deepEqual(found([], 3, 2), ["ok", "3 files in '/conf', 2 pipelines", "", ""]);
  assert.deepEqual(found([problem("a.yaml", "warning")], 1, 1), [
    "warning",
    "1 file in '/conf', 1 pipeline, 1 warning",
    "",
    VALIDATE,
  ]);
});

Deno.test("checkConfig names a folder that is missing or empty", () => {
  const mount = "docker run: -v <folder of your pipelines>:/conf:ro";
  const missing = found([problem("/conf", "error", "CONFIG_FOLDER")], 0, 0);
  assert.deepEqual(missing, ["wrong", "'/conf' is missing or cannot be read", "", mount]);
  assert.deepEqual(found([], 0, 0), ["wrong", "'/conf' holds no *.yaml and no *.yml", "", mount]);
});

Deno.test("checkConfig names the pipelines that do not run", () => {
  const problems = [problem("a.yaml", "error"), problem("a.yaml", "error"), problem("b.yml", "error")];
  assert.deepEqual(found(problems, 3, 1), ["wrong", "3 errors in 3 files of '/conf'", "a b", VALIDATE]);
  assert.deepEqual(stemsWithErrors([problem("c.yaml", "warning")]), []);
});
