// C0 without tab and newline, DEL, C1 (U+009B begins a control sequence like ESC [), and what some viewers break lines at.
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]/g;

/** Shows control characters as `\x1b`, so that foreign text cannot steer a terminal. Tabs and newlines stay. */
export function visibleText(text: string): string {
  return text.replace(CONTROLS, (character) => {
    const code = character.charCodeAt(0);
    return code > 0xff ? `\\u${code.toString(16)}` : `\\x${code.toString(16).padStart(2, "0")}`;
  });
}

/** The same where one line is wanted: newlines are shown, too. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll("\n", "\\n");
}

/** JSON text with the same characters as JSON escapes: `JSON.stringify` leaves those from DEL on as they are. */
export function visibleJson(json: string): string {
  return json.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
