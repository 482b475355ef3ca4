import { spawn } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * `npm run check`: lint, types and the tests that the words name, at once, since each alone leaves
 * a processor idle for a while. Tests are shown as they go, the other two when they have ended. The
 * exit code is 0 only when all three are good, and the last line names those that are not.
 */
type Step = Readonly<{ name: string; script: string; args: readonly string[]; isShown: boolean }>

const root = join(import.meta.dirname, '..')

/** When npm last changed the packages, and when their types were last looked at; 0 for never. */
const [installedMs = 0, typesMs = 0] = ['.package-lock.json', '.cache/curfew/types.json'].map(
  (name) => statSync(join(root, 'node_modules', name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
)
// The compiler does nothing where no source has changed, and sees no change of a package.
const anew = installedMs > typesMs ? ['--force'] : []

const steps: readonly Step[] = [
  { name: 'lint', script: 'lint', args: [], isShown: false },
  { name: 'types', script: 'typecheck', args: anew, isShown: false },
  { name: 'tests', script: 'test', args: ['--at-once=5', ...process.argv.slice(2)], isShown: true },
]
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Readonly<Record<string, string>>
}
// As npm runs a script, without three more npms at work.
const env = {
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter),
}

const isGood = ({ name, script, args, isShown }: Step): Promise<boolean> =>
  new Promise((resolve) => {
    const output = isShown ? 'inherit' : 'pipe'
    const command = ['-c', `${scripts[script]} "$@"`, 'sh', ...args]
    const child = spawn('sh', command, { cwd: root, env, stdio: ['ignore', output, output] })
    const said: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (bytes: Buffer) => said.push(bytes))
    }
    child.once('error', (error) => said.push(Buffer.from(`${error.message}\n`)))
    child.once('close', (code) => {
      if (!isShown && code !== 0) process.stdout.write(`\n${name}:\n${Buffer.concat(said)}\n`)
      resolve(code === 0)
    })
  })

const outcomes = await Promise.all(steps.map(isGood))
const failed = steps.filter((_, index) => !outcomes[index]).map(({ name }) => name)
process.stdout.write(
  failed.length === 0
    ? `${steps.map(({ name }) => name).join(', ')}: good\n`
    : `not good: ${failed.join(', ')}\n`,
)
process.exitCode = failed.length === 0 ? 0 : 1
