import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { systemEntropy } from '../../shared/kernel/entropy.ts'

const executable = fileURLToPath(new URL('../../services/cli/curfew.mjs', import.meta.url))

/** Adds a user by the command line, as an operator does; resolves with the password. */
export const addUser = (
  settings: Readonly<Record<string, string>>,
  name: string,
  roles: readonly string[] = [],
): Promise<string> => {
  const password = systemEntropy.bytes(15).toString('base64url')
  return new Promise((resolve, reject) => {
    const given = roles.flatMap((role) => ['--role', role])
    const args = [executable, 'users', 'add', name, '--password-stdin', ...given]
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...settings },
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    child.once('exit', (code) =>
      code === 0 ? resolve(password) : reject(new Error(`users add ended with ${code}`)),
    )
    child.stdin.end(password)
  })
}
