import type { Problem } from "../../config/problem.ts";
import { plural } from "../people.ts";
import { type Finding, well, wrong } from "./finding.ts";
import { configRemedy } from "./remedies.ts";

/** What loading the folder gave. */
export interface ConfigLoaded {
  readonly problems: readonly Problem[];
  /** Pipeline files seen. */
  readonly files: number;
  /** Pipelines that can run. */
  readonly pipelines: number;
}

/** Whether there are pipelines, and which do not run. */
export function checkConfig(folder: string, { problems, files, pipelines }: ConfigLoaded): Finding {
  if (problems.some(({ code }) => code === "CONFIG_FOLDER")) {
    return wrong("config", `'${folder}' is missing or cannot be read`, [], configRemedy(folder));
  }
  if (files === 0) {
    return wrong("config", `'${folder}' holds no *.yaml and no *.yml`, [], configRemedy(folder));
  }
  const validate = [`denotail validate --config-dir ${folder} prints each with its place`];
  const broken = stemsWithErrors(problems);
  if (broken.length > 0) {
    const errors = problems.filter(({ level }) => level === "error").length;
    return wrong(
      "config",
      `${plural(errors, "error")} in ${plural(files, "file")} of '${folder}'`,
      broken,
      validate,
    );
  }
  const good = `${plural(files, "file")} in '${folder}', ${plural(pipelines, "pipeline")}`;
  if (problems.length === 0) return well("config", good);
  const found = `${good}, ${plural(problems.length, "warning")}`;
  return { check: "config", state: "warning", found, pipelines: [], remedy: validate };
}

/** Pipelines whose files have errors. */
export function stemsWithErrors(problems: readonly Problem[]): readonly string[] {
  const files = problems.filter(({ level }) => level === "error").map(({ file }) => file);
  return [...new Set(files)].map((file) => file.replace(/\.ya?ml$/, ""));
}
