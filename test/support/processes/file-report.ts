/** What a child counted in one suite; `failures` is uvu's text, with a stack for each. */
export type SuiteReport = Readonly<{
  passed: number
  skipped: number
  total: number
  failures: string
}>

export type FileReport = Readonly<{
  suites: readonly SuiteReport[]
  problem: string | null
  /** What the file said aloud that it does not run. */
  leftOut: number
}>

/** What a file came to. `failed` is at least 1 when anything is wrong with the file itself. */
export type FileResult = Readonly<{
  passed: number
  total: number
  failed: number
  problems: readonly string[]
}>

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)

/**
 * Judges counts and nothing else: uvu's exit code is 0 for a hook that throws, and for tests that
 * never ran.
 */
export const judge = (report: FileReport): FileResult => {
  const { suites, problem } = report
  const passed = sum(suites.map((suite) => suite.passed))
  const total = sum(suites.map((suite) => suite.total))
  const skipped = sum(suites.map((suite) => suite.skipped))
  const problems = suites.map(({ failures }) => failures.trim()).filter((text) => text !== '')
  // A file whose server is missing has nothing to register, and says so; where the server is
  // required it does not load.
  if (problem !== null) problems.push(problem)
  else if (suites.length === 0 && report.leftOut === 0) {
    problems.push('the file registered no suite: is run() missing?')
  } else if (suites.some((suite) => suite.total === 0)) problems.push('a suite has no test')
  if (skipped > 0) problems.push(`${skipped} left out by skip or only`)
  if (passed < total && problems.length === 0) {
    problems.push(`${total - passed} of ${total} did not pass, and nobody said why: a hook threw`)
  }
  const broken = total - passed + skipped
  return { passed, total, failed: problems.length > 0 ? Math.max(broken, 1) : broken, problems }
}

export const brokenFile = (problem: string): FileResult => ({
  passed: 0,
  total: 0,
  failed: 1,
  problems: [problem],
})
