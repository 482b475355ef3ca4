import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { failureMessage } from '../../../../services/cli/terminal/failure-message.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { assert, claims } from '../../../support/suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'curfew-told-'))
const file = join(folder, 'file')
writeFileSync(file, '')

const uses: readonly ((path: string) => unknown)[] = [
  (path) => readFileSync(path),
  (path) => writeFileSync(path, '', { flag: 'wx' }),
  (path) => mkdirSync(path),
  (path) => readdirSync(path),
  (path) => renameSync(path, `${path}.new`),
]

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

claims('a command that failed', {
  'names the file that it could not use, with a code and no stack': () => {
    const name = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 9 })
    const below = name.map((one) => one.replaceAll(/[/.\\]/g, '_'))
    const places = fc.oneof(
      below.map((one) => join(folder, 'absent', one)),
      below.map((one) => join(file, one)),
      fc.constant(join(folder, 'x'.repeat(300))),
    )
    fc.assert(
      fc.property(fc.constantFrom(...uses), places, (use, path) => {
        const { text, status } = failureMessage(thrownBy(() => use(path)))
        assert.is(text.startsWith(`INPUT_INVALID: ${path}`), true, text)
        assert.match(text, /: [a-z ]+ \(E[A-Z]+\)$/)
        assert.is(status, 1)
      }),
    )
  },

  'says whether to try again': () => {
    const failed = (code: string) =>
      Object.assign(new Error(`${code}: what it is, write`), { code, syscall: 'write', errno: -1 })
    assert.equal(failureMessage(failed('ENOSPC')), {
      text: 'STORE_UNAVAILABLE: what it is (ENOSPC)',
      status: 75,
    })
    assert.is(failureMessage(failed('EIO')).status, 75)
    assert.is(failureMessage(new AuthError('STORE_UNAVAILABLE', 'away')).status, 75)
  },

  'shows the stack of a mistake of ours, and of what a network refused': () => {
    assert.match(failureMessage(new TypeError('x is no function')).text, /^TypeError: .*\n +at /)
    const refused = Object.assign(new Error('connect ECONNREFUSED'), {
      ...{ code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port: 1 },
    })
    assert.match(failureMessage(refused).text, /^Error: connect ECONNREFUSED\n +at /)
  },
})
