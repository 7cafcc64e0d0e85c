import type { Batch } from "../../core/batch.ts";
import type { FieldKind, FieldLookup } from "../../core/envelope/field_lookup.ts";

/** What a topic's name may be (Kafka refuses `.` and `..` as well). */
const TOPIC_NAME = /^[a-zA-Z0-9._-]{1,249}$/;

/** Whether Kafka takes this name. */
export function isTopicName(name: string): boolean {
  return TOPIC_NAME.test(name) && name !== "." && name !== "..";
}

/** A field's name in `%{…}` or `HashKeys`: `content.<field>` or `tag.<tag>`. */
export interface FieldRef {
  readonly kind: FieldKind;
  readonly name: string;
}

/** Reads `content.<field>` or `tag.<tag>`; `null` for anything else. */
export function parseFieldRef(text: string): FieldRef | null {
  const match = /^(content|tag)\.(.+)$/s.exec(text);
  return match === null ? null : { kind: match[1] as FieldKind, name: match[2] };
}

/** Why a template cannot be used. */
export interface TemplateProblem {
  readonly message: string;
  readonly expected: string;
}

/** A topic's name with `%{content.<field>}` and `%{tag.<tag>}` in it, compiled once. */
export class TopicTemplate {
  /** The name, when it has no variables. */
  readonly fixed: string | null;
  readonly #texts: readonly string[];
  readonly #refs: readonly FieldRef[];

  private constructor(texts: readonly string[], refs: readonly FieldRef[]) {
    this.#texts = texts;
    this.#refs = refs;
    this.fixed = refs.length === 0 ? texts[0] : null;
  }

  /** Compiles, or says what is wrong. */
  static parse(source: string): TopicTemplate | TemplateProblem {
    const texts: string[] = [];
    const refs: FieldRef[] = [];
    let at = 0;
    for (const match of source.matchAll(/%\{([^}]*)\}/g)) {
      const ref = parseFieldRef(match[1]);
      if (ref === null) {
        return {
          message: `the topic has the variable '${match[0]}'`,
          expected: "'%{content.<field>}' or '%{tag.<tag>}'",
        };
      }
      texts.push(source.slice(at, match.index));
      refs.push(ref);
      at = match.index + match[0].length;
    }
    texts.push(source.slice(at));
    const expected = "1 to 249 letters, digits, '.', '_' and '-'";
    const fixed = texts.join("");
    if (refs.length === 0 ? !isTopicName(fixed) : !/^[a-zA-Z0-9._-]*$/.test(fixed)) {
      return { message: `'${source}' is not a name that Kafka takes for a topic`, expected };
    }
    return new TopicTemplate(texts, refs);
  }

  /** The record's topic; `null` when a field is missing or the result is not a topic's name. */
  resolve(batch: Batch, record: number, lookup: FieldLookup): string | null {
    let name = this.#texts[0];
    for (let i = 0; i < this.#refs.length; i++) {
      const value = lookup.lookup(batch, record, this.#refs[i].kind, this.#refs[i].name);
      if (value === undefined) return null;
      name += value + this.#texts[i + 1];
    }
    return isTopicName(name) ? name : null;
  }

  /** iLogtail's answer to a missing field: its key's text in its place, other characters as `_`. */
  get keyText(): string {
    let name = this.#texts[0];
    for (let i = 0; i < this.#refs.length; i++) {
      name += `${this.#refs[i].kind}.${this.#refs[i].name}` + this.#texts[i + 1];
    }
    return name.replaceAll(/[^a-zA-Z0-9._-]/g, "_").slice(0, 249);
  }
}
