import { execFile } from 'node:child_process'
import { typescriptArgs } from './processes/typescript-args.ts'
import { projectRoot } from './project-files.ts'

export type Ended = Readonly<{ code: number; output: string; lastLine: string }>

/** `npm test`, as a process of its own. */
export const runnerIn = (
  more: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Ended> =>
  new Promise((resolve) => {
    const command = [...typescriptArgs, 'test/run.ts', ...args]
    const env = { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1', ...more }
    execFile(process.execPath, command, { cwd: projectRoot, env }, (error, stdout) => {
      const code = error === null ? 0 : Number(error.code ?? 1)
      resolve({ code, output: stdout, lastLine: stdout.trimEnd().split('\n').at(-1) ?? '' })
    })
  })

export const runner = (...args: readonly string[]): Promise<Ended> => runnerIn({}, ...args)

/** Runs files of test/fixtures/traps, in the order of their names, with more arguments. */
export const traps = (names: readonly string[], ...args: readonly string[]): Promise<Ended> =>
  runner('--below=test/fixtures/traps', ...names.map((name) => `/${name}.test.ts`), ...args)
