export type MetricRow = Readonly<{
  kind: 'counter' | 'gauge' | 'histogram'
  /** Processes that show it. */
  of: readonly ('gateway' | 'projector' | 'orders' | 'auditor' | 'witness' | 'console')[]
  help: string
  labels: readonly string[]
}>
