/** systemd's unit files, as far as tests read them. */

/** Settings of a unit by `Section.Name`, in their order; a setting may stand there several times. */
export type UnitFile = ReadonlyMap<string, readonly string[]>;

/** Reads a unit. An empty value forgets what stood there before, as in systemd. */
export function parseUnit(text: string): UnitFile {
  const found = new Map<string, string[]>();
  let section = "";
  for (const line of text.split("\n")) {
    const header = /^\[(\w+)\]$/.exec(line);
    const setting = /^([A-Za-z]+)=(.*)$/.exec(line);
    if (header !== null) section = header[1];
    else if (setting !== null) {
      const name = `${section}.${setting[1]}`;
      const values = setting[2] === "" ? [] : [...found.get(name) ?? [], setting[2]];
      found.set(name, values);
    } else if (line !== "" && !line.startsWith("#")) throw new Error(`not a line of a unit: '${line}'`);
  }
  return found;
}

/** The one value of a setting; throws when there is none, or more. */
export function settingOf(unit: UnitFile, name: string): string {
  const values = unit.get(name) ?? [];
  if (values.length !== 1) throw new Error(`'${name}' stands ${values.length} times in the unit`);
  return values[0];
}
