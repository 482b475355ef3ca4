import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../processes/processes.ts'
import { projectRoot } from '../project-files.ts'

export type ToldSpan = Readonly<{
  service: string
  name: string
  attributes: Readonly<Record<string, unknown>>
  traceId: string
  spanId: string
  parent: string | null
}>

/** What starts a process with an SDK whose spans go to `file`. */
export const traced = (file: string, service: string): Settings => ({
  NODE_OPTIONS: `--import=${join(projectRoot, 'test/support/tracing/otel-preload.mjs')}`,
  TRACE_FILE: file,
  TRACE_SERVICE: service,
})

export const spansIn = (file: string): readonly ToldSpan[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as ToldSpan)
    : []
