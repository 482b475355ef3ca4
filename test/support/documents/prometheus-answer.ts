import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { goProgram } from '../processes/go-program.ts'

type Labels = Readonly<Record<string, string>>

export type PrometheusQuestion = Readonly<{
  rules?: string
  tests?: string
  expressions?: readonly string[]
}>

export type ParsedExpression = Readonly<{
  error?: string
  selectors: readonly Readonly<{
    name: string
    matchers: readonly (readonly [label: string, operator: string, value: string])[]
  }>[]
  /** Labels that something is aggregated by. */
  grouping: readonly string[]
}>

export type AlertVerdict = Readonly<{
  test: string
  alert: string
  expected: readonly Readonly<{ labels: Labels; annotations: Labels }>[]
  firing: readonly Readonly<{ labels: Labels; annotations: Labels }>[]
}>

export type PrometheusAnswer = Readonly<{
  errors: readonly string[]
  expressions: readonly ParsedExpression[]
  verdicts: readonly AlertVerdict[]
}>

/**
 * What Prometheus' own libraries say; `null` after saying aloud that `what` was not run.
 * @throws Error when Go is missing and required
 */
export const askPrometheus = async (
  question: PrometheusQuestion,
  what: string,
): Promise<PrometheusAnswer | null> => {
  const program = await goProgram('promql', what)
  if (program === null) return null
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  child.stdin.end(JSON.stringify(question))
  const answer = JSON.parse(await text(child.stdout)) as PrometheusAnswer
  await ended
  return answer
}
