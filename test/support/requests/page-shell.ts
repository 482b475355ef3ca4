import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../project-files.ts'

export type Typed = Readonly<{ code: number; stdout: string; stderr: string }>
export type Shell = Readonly<{
  dir: string
  /** What the reader has set before. */
  env?: Readonly<Record<string, string | undefined>>
}>

/** `npx curfew` without the half second that npx takes each time to find it. */
const quickNpx = `#!/bin/sh
[ "$1" = curfew ] && shift || exit 64
exec '${process.execPath}' '${join(projectRoot, 'services/cli/curfew.mjs')}' "$@"
`

const binOf = (dir: string): string => join(dir, 'bin')

/** Puts a program of one's own before those of the machine, for shells in `dir`. */
export const putProgram = (dir: string, name: string, script: string): void => {
  mkdirSync(binOf(dir), { recursive: true })
  writeFileSync(join(binOf(dir), name), script)
  chmodSync(join(binOf(dir), name), 0o755)
}

/** What a page's copy of the project shows, but what its commands write themselves. */
const copied = ['deploy']
const absent = ['data', '.git', 'bin', ...copied]

/** Makes `dir` look like a fresh clone: whoever types there has data of their own. */
export const makeClone = (dir: string): void => {
  for (const name of readdirSync(projectRoot)) {
    if (!absent.includes(name)) symlinkSync(join(projectRoot, name), join(dir, name))
  }
  for (const name of copied) {
    cpSync(join(projectRoot, name), join(dir, name), { recursive: true })
  }
  putProgram(dir, 'npx', quickNpx)
}

/** Leads what the pages say to where the test has it, for each curl that is typed in `dir`. */
export const leadCurl = (dir: string, ways: Readonly<Record<string, string>>): void => {
  const lines = Object.entries(ways).map(([from, to]) => `connect-to = "${from}:${to}"\n`)
  writeFileSync(join(dir, '.curlrc'), `${lines.join('')}silent\ninsecure\n`)
}

/** Settings of whoever runs the tests reach no command of a page. */
export const shellEnv = ({ dir, env = {} }: Shell): NodeJS.ProcessEnv => ({
  PATH: `${binOf(dir)}:${process.env['PATH']}`,
  HOME: dir,
  CURL_HOME: dir,
  ...env,
})

/** Runs lines as a shell does that stops at the first failure, and tells how that went. */
export const typedIn = (shell: Shell, text: string): Promise<Typed> =>
  new Promise((resolve) => {
    const options = { cwd: shell.dir, env: shellEnv(shell), timeout: 120_000 }
    execFile('sh', ['-ec', text], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ code, stdout, stderr })
    })
  })

/** What lines print that all succeed. @throws Error with what they said when one does not. */
export const printedBy = async (shell: Shell, text: string): Promise<string> => {
  const { code, stdout, stderr } = await typedIn(shell, text)
  if (code !== 0) throw new Error(`ended with ${code}:\n${text}\n${stdout}\n${stderr}`)
  return stdout
}

/** A block in which each `<name>`, and each `…` in turn, is what a reader puts there. */
export const filled = (
  block: string,
  names: Readonly<Record<string, string>>,
  dots: readonly string[] = [],
): string => {
  const left = [...dots]
  const text = block
    .replace(/<([a-z_]+)>/g, (whole, name: string) => names[name] ?? whole)
    .replace(/…/g, () => left.shift() ?? '…')
  if (/<[a-z_]+>|…/.test(text) || left.length > 0) throw new Error(`not filled in:\n${text}`)
  return text
}
