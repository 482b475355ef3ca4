import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type Metric,
  Registry,
} from 'prom-client'
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type Labels,
  type MetricName,
  metricTable,
} from './metric-table.ts'

/** From a store on the same machine to a request that is answered 503. */
const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

const made = (name: MetricName, registry: Registry): Metric => {
  const { kind, help, labels } = metricTable[name]
  const shared = { name, help, labelNames: [...labels], registers: [registry] }
  switch (kind) {
    case 'counter':
      return new Counter(shared)
    case 'gauge':
      return new Gauge(shared)
    case 'histogram':
      return new Histogram({ ...shared, buckets: secondsBuckets })
  }
}

/** What one process counts. Each call costs about a microsecond and never throws. */
export class Meter {
  readonly #registry = new Registry()
  readonly #metrics = new Map<MetricName, Metric>()
  readonly #sources: (() => string | Promise<string>)[] = []
  readonly #refreshers: (() => void)[] = []

  count<Name extends CounterName>(name: Name, labels: Labels<Name>, by = 1): void {
    const counter = this.#get(name) as Counter
    counter.inc(labels, by)
  }

  set<Name extends GaugeName>(name: Name, labels: Labels<Name>, value: number): void {
    const gauge = this.#get(name) as Gauge
    gauge.set(labels, value)
  }

  observe<Name extends HistogramName>(name: Name, labels: Labels<Name>, seconds: number): void {
    const histogram = this.#get(name) as Histogram
    histogram.observe(labels, seconds)
  }

  /** Called before each answer, for gauges that follow something. */
  onCollect(refresh: () => void): void {
    this.#refreshers.push(refresh)
  }

  /** More lines in the text format, as a guard's own. Must not reject. */
  add(source: () => string | Promise<string>): void {
    this.#sources.push(source)
  }

  /** Event loop delay, memory, garbage collection: `nodejs_` and `process_`. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.#registry })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  async text(): Promise<string> {
    for (const refresh of this.#refreshers) refresh()
    const more = await Promise.all(this.#sources.map((source) => source()))
    return [await this.#registry.metrics(), ...more].join('\n')
  }

  #get(name: MetricName): Metric {
    const known = this.#metrics.get(name) ?? made(name, this.#registry)
    this.#metrics.set(name, known)
    return known
  }
}
