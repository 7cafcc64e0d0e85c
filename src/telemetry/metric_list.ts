/** A metric as people read of it; docs/reference/metrics.md is made of these. */
export interface MetricEntry {
  readonly name: string;
  /** Names of its labels. */
  readonly labels: readonly string[];
  /** The words of its HELP line. */
  readonly help: string;
  /** What to make of it. */
  readonly use: string;
}

/** Every metric of the agent, in the order of a line's way. A test compares with the calls in the sources. */
export const METRICS: readonly MetricEntry[] = [
  {
    name: "denotail_build_info",
    labels: ["version"],
    help: "The program that answers; always 1.",
    use: "Which node runs which version.",
  },
  {
    name: "denotail_open_files",
    labels: [],
    help: "Log files held open.",
    use: "Deleted and rotated files count until they are read and settled.",
  },
  {
    name: "denotail_refused_files_total",
    labels: ["reason"],
    help: "Files that are not read, by reason.",
    use: "Each file counts once; the log names it.",
  },
  {
    name: "denotail_backlog_bytes",
    labels: [],
    help: "Bytes seen in log files and not taken yet.",
    use: "Grows while a flusher has no room: a slow or absent broker, a CPU or memory limit.",
  },
  {
    name: "denotail_limited_backlog_bytes",
    labels: [],
    help: "The part of the backlog that waits because of MaxReadBytesPerSecond.",
    use: "What is held back of containers that write faster than their input may read.",
  },
  {
    name: "denotail_deleted_bytes",
    labels: [],
    help: "Bytes of deleted log files that are held open to be read to their end.",
    use: "Disk space that is not free yet; above --deleted-files-limit the oldest files are given up.",
  },
  {
    name: "denotail_read_bytes_total",
    labels: [],
    help: "Bytes of log files that were taken.",
    use: "The rate of reading.",
  },
  { name: "denotail_read_records_total", labels: [], help: "Records made of them.", use: "" },
  {
    name: "denotail_unparsable_lines_total",
    labels: [],
    help: "Lines of container logs in no runtime's form; they are sent as they are.",
    use: "Above zero: a runtime writes a form that is not known, or somebody else writes into its files.",
  },
  {
    name: "denotail_discarded_records_total",
    labels: [],
    help: "Lines or records that belong to no multi-line record, left out as the pipeline asks.",
    use: "`UnmatchedContentTreatment: discard` asks for it.",
  },
  {
    name: "denotail_read_failures_total",
    labels: [],
    help: "Reads that failed.",
    use: "They are tried again; a disk or a server behind it is ill.",
  },
  {
    name: "denotail_truncations_total",
    labels: [],
    help: "Files that were truncated under the reader.",
    use: "What was not read before is in `denotail_lost_bytes_total` unless a copy was found.",
  },
  {
    name: "denotail_lost_bytes_total",
    labels: ["reason"],
    help: "Bytes that were on disk and are not delivered, by reason.",
    use: "Alert on all reasons but `first_contact`.",
  },
  {
    name: "denotail_pipeline_records_in_total",
    labels: ["pipeline"],
    help: "Records framed for a pipeline, once for each flusher.",
    use: "",
  },
  {
    name: "denotail_pipeline_records_out_total",
    labels: ["pipeline"],
    help: "Records given to flushers, once for each of them.",
    use: "",
  },
  {
    name: "denotail_dropped_records_total",
    labels: ["pipeline", "reason"],
    help: "Records left out on purpose, by reason, once for each flusher.",
    use: "Asked for by options of processors.",
  },
  {
    name: "denotail_processor_failures_total",
    labels: ["pipeline"],
    help: "Records that a processor could not take, once for each flusher; they pass unprocessed.",
    use: "Above zero: a defect of the agent, please report it.",
  },
  {
    name: "denotail_processor_unparsed_total",
    labels: ["pipeline", "processor"],
    help: "Records whose source field a processor could not parse, once for each flusher.",
    use: "Rises when an application changes the form of its lines.",
  },
  {
    name: "denotail_processor_missing_key_total",
    labels: ["pipeline", "processor"],
    help: "Records without the source field of a processor, once for each flusher.",
    use: "",
  },
  {
    name: "denotail_budget_used_bytes",
    labels: [],
    help: "Bytes held between reading and acknowledgement.",
    use: "At most `denotail_budget_max_bytes`.",
  },
  {
    name: "denotail_budget_max_bytes",
    labels: [],
    help: "Bytes that may be held between reading and acknowledgement at the moment.",
    use: "16 MiB; less when memory comes near its limit.",
  },
  {
    name: "denotail_large_buffers_total",
    labels: [],
    help: "Buffers of 4 KiB or more that were made on the way of a line.",
    use: "Stands still under a steady load: buffers are used again and again.",
  },
  {
    name: "denotail_events_write_failures_total",
    labels: ["place"],
    help: "Writes of events that failed and were tried again.",
    use: "Of `flusher_stdout`.",
  },
  {
    name: "denotail_kafka_records_total",
    labels: ["client"],
    help: "Records acknowledged by Kafka.",
    use: "The rate of delivery.",
  },
  {
    name: "denotail_kafka_batches_total",
    labels: ["client"],
    help: "Record batches acknowledged by Kafka.",
    use: "",
  },
  {
    name: "denotail_kafka_bytes_total",
    labels: ["client"],
    help: "Bytes of acknowledged record batches.",
    use: "Compressed, as they went over the wire.",
  },
  {
    name: "denotail_kafka_retries_total",
    labels: ["client"],
    help: "Record batches sent again.",
    use: "",
  },
  {
    name: "denotail_kafka_answers_total",
    labels: ["client", "within"],
    help: "Requests with records that Kafka answered, by the time it took.",
    use:
      "Each counts once, at the shortest of `5 ms`, `10 ms`, `20 ms`, `50 ms`, `100 ms`, `1000 ms`, `longer`.",
  },
  {
    name: "denotail_kafka_errors_total",
    labels: ["client", "error"],
    help: "Failed requests by error.",
    use: "Errors have the names of Kafka's protocol; `CONNECTION` is everything below it.",
  },
  {
    name: "denotail_kafka_transactions_total",
    labels: ["client"],
    help: "Transactions committed to Kafka.",
    use: "With `Delivery: exactly_once` up to four a second while lines come, none while none come.",
  },
  {
    name: "denotail_kafka_transactions_aborted_total",
    labels: ["client"],
    help: "Transactions that came to nothing and were sent again.",
    use: "Brokers were away for a minute, or refused a batch for good; the log says which.",
  },
  {
    name: "denotail_kafka_truncated_bytes_total",
    labels: ["client"],
    help: "Bytes cut from records above a size limit.",
    use: "`OversizeRecord: truncate`, or a limit of the broker.",
  },
  {
    name: "denotail_kafka_dropped_records_total",
    labels: ["client", "reason"],
    help: "Records dropped on purpose by reason.",
    use: "Alert on it.",
  },
  {
    name: "denotail_kafka_redirected_records_total",
    labels: ["client", "reason"],
    help: "Records whose topic could not be told, or was one too many, by reason: sent to another topic.",
    use:
      "`no_field`: a field of the template is missing or makes no name of a topic. `topic_limit`: fields name more than 1,000.",
  },
  {
    name: "denotail_checkpoint_failures_total",
    labels: [],
    help: "Saves that the disk refused.",
    use:
      "Tried again; `/readyz` gives the reason. Lines are still delivered, a crash would repeat more of them.",
  },
  {
    name: "denotail_unowned_rejections_total",
    labels: [],
    help: "Promises rejected with nobody waiting.",
    use: "Above zero: a defect of the agent or of a library; the log has the reason.",
  },
];
