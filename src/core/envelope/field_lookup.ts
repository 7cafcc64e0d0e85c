import { type Batch, TAGS } from "../batch.ts";
import type { KeyTable } from "../keys.ts";
import type { TagSet } from "../tags.ts";
import { type FieldName, fieldName } from "./tag_names.ts";

/** `content.x` and `tag.x` name a field in topics and hash keys. */
export type FieldKind = "content" | "tag";

/**
 * Values of fields by the names that `%{content.x}`, `%{tag.x}` and `HashKeys` use, in every protocol. Tags have the
 * names of reference 6.4's table, their renamed names (`TagFieldsRename`), or their own (`_pod_name_`, `__path__`),
 * tried in this order; `content.x` is any field whose key is `x`. Of doubled fields the last counts, as in
 * `custom_single`. Nothing is split up or decoded but the value that is asked for.
 */
export class FieldLookup {
  readonly #keys: KeyTable;
  readonly #rename: ReadonlyMap<string, string>;
  #generation = -1;
  #fields: (FieldName | undefined)[] = [];
  readonly #sources: WeakMap<TagSet, ReadonlyMap<string, string>> = new WeakMap();

  constructor(keys: KeyTable, tagFieldsRename: Readonly<Record<string, string>> = {}) {
    this.#keys = keys;
    this.#rename = new Map(Object.entries(tagFieldsRename));
  }

  /** The value as text; `undefined` when the record has no such field. */
  lookup(batch: Batch, record: number, kind: FieldKind, name: string): string | undefined {
    return kind === "content" ? this.#content(batch, record, name) : this.#tag(batch, record, name);
  }

  #content(batch: Batch, record: number, name: string): string | undefined {
    let found: string | undefined;
    let foundCell = -1;
    const cells = batch.cells;
    for (let cell = batch.first[record]; cell >= 0; cell = cells[cell + 4]) {
      if (cells[cell] === TAGS) {
        const value = batch.tags.get(name);
        if (value !== undefined) [found, foundCell] = [value, -1];
      } else if (this.#keys.text(cells[cell]) === name) foundCell = cell;
    }
    return foundCell >= 0 ? batch.text(foundCell) : found;
  }

  #tag(batch: Batch, record: number, name: string): string | undefined {
    let found: string | undefined;
    let foundCell = -1;
    const cells = batch.cells;
    for (let cell = batch.first[record]; cell >= 0; cell = cells[cell + 4]) {
      if (cells[cell] === TAGS) {
        const value = this.#sourceTags(batch.tags).get(name);
        if (value !== undefined) [found, foundCell] = [value, -1];
      } else {
        const field = this.#field(cells[cell]);
        if (field.kind === "tag" && this.#isNamed(field, this.#keys.text(cells[cell]), name)) {
          foundCell = cell;
        }
      }
    }
    return foundCell >= 0 ? batch.text(foundCell) : found;
  }

  #isNamed(field: FieldName, key: string, name: string): boolean {
    return field.name === name || this.#rename.get(field.name) === name ||
      key.slice(field.prefix.length) === name;
  }

  #field(key: number): FieldName {
    if (this.#generation !== this.#keys.generation) {
      this.#generation = this.#keys.generation;
      this.#fields = [];
    }
    return this.#fields[key] ??= fieldName(this.#keys.text(key));
  }

  #sourceTags(tags: TagSet): ReadonlyMap<string, string> {
    const known = this.#sources.get(tags);
    if (known !== undefined) return known;
    const own = new Map<string, string>(),
      renamed = new Map<string, string>(),
      names = new Map<string, string>();
    for (const tag of tags.list) {
      const field = fieldName(tag.key);
      if (field.kind !== "tag") continue;
      own.set(tag.key.slice(field.prefix.length), tag.value);
      names.set(field.name, tag.value);
      const to = this.#rename.get(field.name);
      if (to !== undefined && to !== "") renamed.set(to, tag.value);
    }
    const all = new Map([...own, ...renamed, ...names]);
    this.#sources.set(tags, all);
    return all;
  }
}
