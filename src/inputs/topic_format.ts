import type { Re2 } from "../base/re2/compile.ts";
import type { InputContext, Report } from "../core/plugin.ts";
import type { Tag } from "../core/tags.ts";
import { compilePattern } from "./value_rule.ts";

/** Gives the topic fields of a path (iLogtail 4.1 `TopicFormat`). */
export type TopicOf = (path: string) => Tag[];

/**
 * `none` and `default`: no topic. `customized://text`: that text. Anything else is a pattern over the whole path: its
 * groups, joined by `_`, are the topic; two or more groups also become `__tag__:__topic_1__`, …, and named groups
 * tags of those names. A rotation number at the path's end (`.1` … `.8`) is not part of it.
 */
export async function compileTopicFormat(format: string, report: Report): Promise<TopicOf> {
  const word = format.toLowerCase();
  if (word === "" || word === "none" || word === "default") return () => [];
  if (word === "global_topic") {
    report.warn(
      ["TopicFormat"],
      "TOPIC_GLOBAL",
      "'global_topic' belongs to a vendor's machine groups and gives no topic here",
    );
    return () => [];
  }
  if (format.startsWith("customized://")) {
    const topic = format.slice("customized://".length);
    return () => [{ key: "__log_topic__", value: topic }];
  }
  const re2 = await compilePattern(format, ["TopicFormat"], report, { whole: true });
  return re2 === null ? () => [] : (path) => topicTags(re2, path.replace(/\.[1-8]$/, ""));
}

/** The input's `TopicFormat`, or when it gives none that of the pipeline's `global` section. */
export function compileTopic(
  format: string,
  { globals }: Pick<InputContext, "globals">,
  report: Report,
): Promise<TopicOf> {
  return compileTopicFormat(/^(none)?$/i.test(format) ? globals.topicFormat : format, report);
}

function topicTags(re2: Re2, path: string): Tag[] {
  const match = re2.exec(path);
  if (match === null) return [];
  const groups: string[] = [];
  const tags: Tag[] = [];
  for (let i = 1; i <= re2.groupCount; i++) {
    const value = match[i] ?? "";
    groups.push(value);
    const name = re2.groupNames[i];
    if (name) tags.push({ key: `__tag__:${name}`, value });
    else if (re2.groupCount > 1) tags.push({ key: `__tag__:__topic_${i}__`, value });
  }
  const topic = groups.join("_");
  return topic === "" ? tags : [...tags, { key: "__log_topic__", value: topic }];
}
