import type { Report } from "../core/plugin.ts";
import { section, type Static } from "../core/schema.ts";
import { ContainerFilter, nameRegex, rules } from "./container_filter.ts";

/** `ContainerFilters` of the 2.x inputs. */
export const containerFilters = section("Which containers are taken; all conditions must hold.", {
  K8sNamespaceRegex: nameRegex("namespace"),
  K8sPodRegex: nameRegex("pod's name"),
  K8sContainerRegex: nameRegex("container's name"),
  IncludeK8sLabel: rules("Pod labels"),
  ExcludeK8sLabel: rules("Pod labels that reject"),
  IncludeContainerLabel: rules("Container labels"),
  ExcludeContainerLabel: rules("Container labels that reject"),
  IncludeEnv: rules("Environment variables of the container"),
  ExcludeEnv: rules("Environment variables of the container that reject"),
});

type Given = Static<typeof containerFilters>;

/** Compiles the section; `at` is its name in the pipeline. Absent, it takes every container. */
export function compileContainerFilters(
  given: Given | undefined,
  at: string,
  report: Report,
): Promise<ContainerFilter> {
  return ContainerFilter.compile({
    includeLabels: given?.IncludeContainerLabel ?? {},
    excludeLabels: given?.ExcludeContainerLabel ?? {},
    includeK8sLabels: given?.IncludeK8sLabel ?? {},
    excludeK8sLabels: given?.ExcludeK8sLabel ?? {},
    includeEnv: given?.IncludeEnv ?? {},
    excludeEnv: given?.ExcludeEnv ?? {},
    namespaceRegex: given?.K8sNamespaceRegex ?? "",
    podRegex: given?.K8sPodRegex ?? "",
    containerRegex: given?.K8sContainerRegex ?? "",
  }, {
    includeLabels: [at, "IncludeContainerLabel"],
    excludeLabels: [at, "ExcludeContainerLabel"],
    includeK8sLabels: [at, "IncludeK8sLabel"],
    excludeK8sLabels: [at, "ExcludeK8sLabel"],
    includeEnv: [at, "IncludeEnv"],
    excludeEnv: [at, "ExcludeEnv"],
    namespaceRegex: [at, "K8sNamespaceRegex"],
    podRegex: [at, "K8sPodRegex"],
    containerRegex: [at, "K8sContainerRegex"],
  }, report);
}
