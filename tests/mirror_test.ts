/**
 * The tree of tests mirrors the tree of sources: src/a/b.ts -> tests/a/b_test.ts. What has no test at its place stands
 * here with a reason.
 */
import assert from "node:assert/strict";
import { filesBelow, textOf } from "./support/tree.ts";

/** Constants that other tests read: there is nothing in them that could be wrong by itself. */
const DATA: Readonly<Record<string, string>> = {
  "src/cli/exit_codes.ts": "numbers; tests/cli/main_test.ts sees each",
  "src/cli/start_defaults.ts": "a table of defaults",
  "src/cli/workers/messages.ts": "types and one pace",
  "src/config/problem_codes.ts": "a list of codes; tests/config/golden_test.ts wants each shown",
  "src/core/codec.ts": "types and the list of Kafka's codec names",
  "src/core/event_writer.ts": "types and one limit",
  "src/core/plugin.ts": "types, and one function that gives back what it takes",
  "src/discovery/discovery_timing.ts": "a table of times",
  "src/flushers/kafka/kafka_options.ts":
    "a schema; tests/flushers/flusher_kafka_v2_test.ts reads every option",
  "src/flushers/kafka/producer_settings.ts": "types and limits",
  "src/flushers/kafka/sink_plan.ts": "types and two constants",
  "src/inputs/read_rate_option.ts": "the shared option of the inputs; the test of each sets it",
  "src/plugins.ts": "the list of plugins",
  "src/processors/json_expand_options.ts": "the shared options of processor_json; its test sets each",
};

/** Parts that are tested through what they were taken out of, or through golden data. */
const TESTED_BY: Readonly<Record<string, string>> = {
  "src/base/re2/emit_set.ts": "tests/base/re2/golden_test.ts",
  "src/base/re2/guarded_regexp.ts": "tests/base/re2/compile_test.ts",
  "src/base/re2/parse.ts": "tests/base/re2/golden_test.ts",
  "src/base/re2/parse_class.ts": "tests/base/re2/golden_test.ts",
  "src/base/re2/re2js_matcher.ts": "tests/base/re2/compile_test.ts",
  "src/base/re2/translate.ts": "tests/base/re2/golden_test.ts",
  "src/base/re2/v8_guard.ts": "tests/base/re2/v8_matcher_test.ts",
  "src/cli/agent_parts.ts": "tests/cli/make_agent_test.ts",
  "src/cli/doctor/finding.ts": "tests/cli/doctor/print_findings_test.ts",
  "src/cli/doctor/remedies.ts": "tests/cli/doctor/check_host_root_test.ts",
  "src/cli/workers/agent_worker.ts": "tests/cli/workers/crew_test.ts",
  "src/cli/workers/crew_facts.ts": "tests/cli/workers/crew_test.ts",
  "src/cli/workers/crew_member.ts": "tests/cli/workers/crew_test.ts",
  "src/cli/workers/port_discovery.ts": "tests/cli/workers/container_feed_test.ts",
  "src/cli/workers/port_writers.ts": "tests/cli/workers/posted_events_test.ts",
  "src/config/yaml_tree.ts": "tests/config/yaml_document_test.ts",
  "src/core/envelope/custom_single_plan.ts": "tests/core/envelope/custom_single_test.ts",
  "src/core/envelope/make_envelope.ts": "tests/core/envelope/custom_single_test.ts",
  "src/core/envelope/piece_store.ts": "tests/core/envelope/sls_json_test.ts",
  "src/core/envelope/tag_names.ts": "tests/core/envelope/custom_single_test.ts",
  "src/core/envelope/value_bytes.ts": "tests/core/envelope/sls_json_test.ts",
  "src/core/schema.ts": "tests/config/option_schema_test.ts",
  "src/flushers/flusher_kafka.ts": "tests/flushers/flusher_kafka_v2_test.ts",
  "src/flushers/kafka/assign_waiting.ts": "tests/flushers/kafka/producer_test.ts",
  "src/flushers/kafka/client_settings.ts": "tests/flushers/flusher_kafka_v2_test.ts",
  "src/flushers/kafka/cluster_view.ts": "tests/flushers/kafka/producer_test.ts",
  "src/flushers/kafka/counters.ts": "tests/flushers/kafka/producer_test.ts",
  "src/flushers/kafka/exactly_once.ts": "tests/flushers/flusher_kafka_v2_test.ts",
  "src/flushers/kafka/identity.ts": "tests/flushers/kafka/producer_test.ts",
  "src/flushers/kafka/kafka_flusher.ts": "tests/flushers/kafka/kafka_sink_test.ts",
  "src/flushers/kafka/kept_batches.ts": "tests/flushers/kafka/transactions_test.ts",
  "src/flushers/kafka/record_batch.ts": "tests/flushers/kafka/record_builder_test.ts",
  "src/flushers/kafka/resume_batches.ts": "tests/flushers/kafka/resume_records_test.ts",
  "src/flushers/kafka/say_fenced.ts": "tests/flushers/kafka/transactions_test.ts",
  "src/flushers/kafka/sender.ts": "tests/flushers/kafka/producer_test.ts",
  "src/flushers/kafka/transaction_calls.ts": "tests/flushers/kafka/transactions_test.ts",
  "src/flushers/pretty_record.ts": "tests/flushers/flusher_stdout_test.ts",
  "src/host/kafka_port.ts": "tests/e2e/kafka_flusher_test.ts",
  "src/host/kafka_transactions.ts": "tests/e2e/exactly_once_test.ts",
  "src/host/pooled_deflate.ts": "tests/host/codecs_test.ts",
  "src/host/open_file.ts": "tests/host/open_confined_test.ts",
  "src/host/runtime_connector.ts": "tests/e2e/discovery_docker_test.ts",
  "src/processors/json_expander.ts": "tests/processors/processor_json_test.ts",
  "src/processors/json_flattener.ts": "tests/processors/processor_json_test.ts",
  "src/processors/json_key_paths.ts": "tests/processors/processor_json_test.ts",
  "src/tail/assembler.ts": "tests/tail/lines_assembler_test.ts",
  "src/tail/feed_lanes.ts": "tests/tail/file_reader_test.ts",
  "src/tail/first_sight.ts": "tests/tail/races_test.ts",
  "src/tail/gather.ts": "tests/tail/runtime_assembler_test.ts",
  "src/tail/lane_life.ts": "tests/tail/tail_test.ts",
  "src/tail/looks.ts": "tests/tail/tail_test.ts",
  "src/tail/plain_records.ts": "tests/tail/lines_assembler_test.ts",
  "src/tail/reader_turns.ts": "tests/tail/tail_test.ts",
  "src/tail/runtime_records.ts": "tests/tail/runtime_assembler_test.ts",
  "src/tail/seen_file.ts": "tests/tail/file_reader_test.ts",
  "src/tail/stream_joiner.ts": "tests/tail/runtime_assembler_test.ts",
  "src/tail/tail_figures.ts": "tests/tail/tail_test.ts",
};

/** Tests that are missing. The list only becomes shorter. */
const GAPS: readonly string[] = [];

const sources = filesBelow("src", ".ts");
const tests = new Set(filesBelow("tests", "_test.ts"));
const testOf = (source: string) => source.replace(/^src\//, "tests/").replace(/\.ts$/, "_test.ts");

/** Without comments, no line that makes something at run time: types only. */
function hasLogic(source: string): boolean {
  const code = textOf(source).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  return /^(?:export )?(?:default |async |abstract )*(?:function|class|const|let)\b|^export (?:\*|\{)/m.test(
    code,
  );
}

const untested = sources.filter((source) => hasLogic(source) && !tests.has(testOf(source)));

Deno.test("every source with logic has a test at its place, or a reason for none", () => {
  const known = new Set([...Object.keys(DATA), ...Object.keys(TESTED_BY), ...GAPS]);
  const missing = untested.filter((source) => !known.has(source));
  assert.deepEqual(missing.map((source) => `${source} -> ${testOf(source)}`), []);
});

Deno.test("the reasons for no test hold: the file is there, it has no test, and what tests it exists", () => {
  const isStale = (source: string) => !untested.includes(source);
  assert.deepEqual([...Object.keys(DATA), ...GAPS].filter(isStale), [], "take it off the list");
  for (const [source, test] of Object.entries(TESTED_BY)) {
    assert.ok(!isStale(source), `${source}: take it off the list`);
    assert.ok(tests.has(test), `${test} does not exist`);
  }
});

Deno.test("the mirror looks at the whole tree", () => {
  assert.ok(sources.length > 200 && untested.length < sources.length / 2);
});
