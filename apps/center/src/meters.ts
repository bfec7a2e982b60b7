/** Counters for operators, written as Prometheus reads them (text format 0.0.4). */

export type Meters = {
  /** Counts a request by method, route and status. */
  request(method: string, route: string, status: number, seconds: number): void;
  count(name: 'batches' | 'records' | 'repeated_batches' | 'faults', by?: number): void;
  /** `gauges`: values of the moment. */
  write(gauges: { [name: string]: { help: string; value: number } }): string;
};

const help: { [name: string]: string } = {
  batches: 'Batches of records taken in.',
  records: 'Records taken in.',
  repeated_batches: 'Batches that had come before.',
  faults: 'Requests that failed by our own fault.',
};

/** Buckets of the time to answer, in seconds: from a look-up in memory to what a person takes for a hang. */
const bounds = [0.005, 0.02, 0.1, 0.5, 2, 10] as const;

/** Series of requests; routes come from the list of routes and statuses are few, so this is never met by accident. */
const seriesMax = 2_000;

type Series = { labels: string; count: number; seconds: number; buckets: number[] };

export function createMeters(): Meters {
  const counters = new Map<string, number>(Object.keys(help).map((name) => [name, 0]));
  const requests = new Map<string, Series>();
  return {
    request(method, route, status, seconds) {
      const labels = `method="${method}",route="${route.replaceAll(/["\\\n]/g, '')}",status="${status}"`;
      let series = requests.get(labels);
      if (!series) {
        if (requests.size >= seriesMax) return;
        requests.set(labels, (series = { labels, count: 0, seconds: 0, buckets: bounds.map(() => 0) }));
      }
      series.count++;
      series.seconds += seconds;
      bounds.forEach((bound, i) => {
        if (seconds <= bound) series.buckets[i]!++;
      });
    },
    count(name, by = 1) {
      counters.set(name, counters.get(name)! + by);
    },
    write(gauges) {
      const lines: string[] = [];
      for (const [name, value] of counters) {
        lines.push(
          `# HELP forewarn_${name}_total ${help[name]}`,
          `# TYPE forewarn_${name}_total counter`,
          `forewarn_${name}_total ${value}`,
        );
      }
      for (const [name, gauge] of Object.entries(gauges)) {
        lines.push(`# HELP forewarn_${name} ${gauge.help}`, `# TYPE forewarn_${name} gauge`, `forewarn_${name} ${gauge.value}`);
      }
      lines.push('# HELP forewarn_request_seconds Time to answer.', '# TYPE forewarn_request_seconds histogram');
      for (const { labels, count, seconds, buckets } of requests.values()) {
        bounds.forEach((bound, i) => lines.push(`forewarn_request_seconds_bucket{${labels},le="${bound}"} ${buckets[i]}`));
        lines.push(
          `forewarn_request_seconds_bucket{${labels},le="+Inf"} ${count}`,
          `forewarn_request_seconds_sum{${labels}} ${seconds}`,
          `forewarn_request_seconds_count{${labels}} ${count}`,
        );
      }
      return `${lines.join('\n')}\n`;
    },
  };
}
