import type { Re2 } from "../base/re2/compile.ts";
import type { Container } from "../core/container.ts";
import type { Report } from "../core/plugin.ts";
import { mapOf, regex, text } from "../core/schema.ts";
import { anyHolds, compilePattern, readRules, type ValueRules } from "./value_rule.ts";

/** What a filter is made of; maps are label or variable -> rule (see {@linkcode readRules}). */
export interface FilterOptions {
  readonly includeLabels: Readonly<Record<string, string>>;
  readonly excludeLabels: Readonly<Record<string, string>>;
  readonly includeK8sLabels: Readonly<Record<string, string>>;
  readonly excludeK8sLabels: Readonly<Record<string, string>>;
  readonly includeEnv: Readonly<Record<string, string>>;
  readonly excludeEnv: Readonly<Record<string, string>>;
  readonly namespaceRegex: string;
  readonly podRegex: string;
  readonly containerRegex: string;
}

/** How the options are named in the pipeline, for the places of problems. */
export type FilterPaths = { readonly [K in keyof FilterOptions]: readonly string[] };

/** Builders of the options that both inputs share. */
export const rules = (about: string) =>
  mapOf(
    `${about}. Entries are alternatives. An empty value takes any, one that begins with \`^\` is searched as a regular expression, others are compared.`,
    text("Rule for the value."),
    { default: {} },
  );
export const nameRegex = (what: string) =>
  regex(
    `Pattern searched in the ${what}; empty: no condition. Containers outside Kubernetes have empty names.`,
    {
      default: "",
    },
  );

/**
 * Which containers an input takes: container labels AND environment AND Kubernetes conditions, each map OR inside;
 * an exclude map rejects on any hit (iLogtail 2.2). Evaluated again whenever a container's labels change.
 */
export class ContainerFilter {
  readonly #labels: [ValueRules, ValueRules];
  readonly #k8sLabels: [ValueRules, ValueRules];
  readonly #env: [ValueRules, ValueRules];
  readonly #namespace: Re2 | null;
  readonly #pod: Re2 | null;
  readonly #container: Re2 | null;

  private constructor(
    labels: [ValueRules, ValueRules],
    k8sLabels: [ValueRules, ValueRules],
    env: [ValueRules, ValueRules],
    names: readonly (Re2 | null)[],
  ) {
    this.#labels = labels;
    this.#k8sLabels = k8sLabels;
    this.#env = env;
    [this.#namespace, this.#pod, this.#container] = names;
  }

  /** Compiles all rules; mistakes go to the report. */
  static async compile(options: FilterOptions, paths: FilterPaths, report: Report): Promise<ContainerFilter> {
    const map = (key: keyof FilterOptions) =>
      readRules(options[key] as Readonly<Record<string, string>>, paths[key], report);
    const name = (key: "namespaceRegex" | "podRegex" | "containerRegex") =>
      options[key] === "" ? null : compilePattern(options[key], paths[key], report);
    return new ContainerFilter(
      [await map("includeLabels"), await map("excludeLabels")],
      [await map("includeK8sLabels"), await map("excludeK8sLabels")],
      [await map("includeEnv"), await map("excludeEnv")],
      [await name("namespaceRegex"), await name("podRegex"), await name("containerRegex")],
    );
  }

  /** Environment variables that the rules look at. */
  get envNames(): readonly string[] {
    return this.#env.flatMap((rules) => rules.map(({ key }) => key));
  }

  accepts(container: Container): boolean {
    return passes(this.#labels, container.labels) && passes(this.#env, container.env) &&
      passes(this.#k8sLabels, container.podLabels) &&
      (this.#namespace === null || this.#namespace.test(container.namespace)) &&
      (this.#pod === null || this.#pod.test(container.podName)) &&
      (this.#container === null || this.#container.test(container.podName === "" ? "" : container.name));
  }
}

function passes([include, exclude]: [ValueRules, ValueRules], values: ReadonlyMap<string, string>): boolean {
  return (include.length === 0 || anyHolds(include, values)) && !anyHolds(exclude, values);
}
