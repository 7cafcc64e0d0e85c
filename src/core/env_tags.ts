/** Whether a variable of a container asks for a tag on its records: `aliyun_logs_<any>_tags=k=v` (iLogtail 3.4). */
export function asksForTags(name: string): boolean {
  return /^(aliyun|loong)_logs_.+_tags$/.test(name);
}
