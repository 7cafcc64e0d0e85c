/** All codes of configuration problems, with what they mean and what to do; the page docs/reference/problems.md. */
export const PROBLEM_CODES = {
  CONFIG_FOLDER:
    "The config folder is missing or cannot be read. Mount it, or name another one with --config-dir.",
  CONFIG_UNREADABLE: "The file cannot be read. Check its permissions.",
  CONFIG_SAME_NAME:
    "Two files have the same name before the extension. That name is part of the checkpoint keys, so only the first one runs; rename the other.",
  CONFIG_TOO_LARGE: "The file is larger than any pipeline file may be.",
  CONFIG_TOO_DEEP: "Lists and maps are nested deeper than any pipeline needs.",
  CONFIG_TOO_MANY_NODES: "The file has too many values, counted with aliases written out.",
  CONFIG_EMPTY: "The file holds nothing.",
  CONFIG_SYNTAX: "The file is not YAML. The place is where the reader gave up; the cause may stand above it.",
  CONFIG_MANY_DOCUMENTS: "The file holds more than one document ('---'). Use one file per pipeline.",
  CONFIG_TAG: "A YAML tag is used that makes something else than text, a list or a map.",
  CONFIG_DUPLICATE_KEY: "A key stands twice in one map; one of them would be lost.",
  CONFIG_BAD_KEY: "A key is a list or a map.",
  CONFIG_UNKNOWN_KEY: "A key at the top of the file is not known.",
  CONFIG_UNKNOWN_OPTION: "The plugin has no option with this name.",
  CONFIG_UNKNOWN_TYPE: "There is no plugin with this 'Type' in this place.",
  CONFIG_OTHER_AGENT: "The plugin exists in iLogtail and not here.",
  CONFIG_MISSING: "A key that must be there is missing.",
  CONFIG_EMPTY_LIST: "The list must have at least one item.",
  CONFIG_WRONG_TYPE: "The value has another type than the option takes.",
  CONFIG_BAD_VALUE: "The value has the right type and is not one the option takes.",
  CONFIG_DURATION:
    "A time span is not one, or is below a millisecond because a bare number counts nanoseconds.",
  CONFIG_REGEX: "A regular expression is not valid in the RE2 dialect.",
  CONFIG_TWICE: "One option is given under two names, or a plugin with the same 'Type' and id stands twice.",
  CONFIG_REFERENCE: "A '${file:/path}' reference names a file that cannot be read.",
  CONFIG_ENV_UNSET: "A '${NAME}' reference has no value and no default; it counts as empty text.",
  CONFIG_PLUGIN: "A plugin could not be made of its options; the sentence says why.",
  CONFIG_NO_EFFECT: "iLogtail knows this; it has no meaning here and is ignored.",
} as const;

export type ProblemCode = keyof typeof PROBLEM_CODES;
