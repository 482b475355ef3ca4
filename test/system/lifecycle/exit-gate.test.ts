import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ExitGate } from '../../../shared/adapters/lmdb/environment/exit-gate.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { typescriptArgs } from '../../support/processes/typescript-args.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'

const busy = fileURLToPath(new URL('../../support/worlds/busy-lmdb.ts', import.meta.url))
const rounds = 6
const patienceMs = 20_000

/** How the process ended; `hung` when it had to be killed. */
const endOf = (how: 'exit' | 'throw', ms: number): Promise<number | 'hung' | null> =>
  inTempFolder('gate', async (path) => {
    const child = spawn(process.execPath, [...typescriptArgs, busy, path, how, String(ms)], {
      stdio: 'ignore',
    })
    let hung = false
    const patience = setTimeout(() => {
      hung = true
      child.kill('SIGKILL')
    }, patienceMs)
    const [code] = (await once(child, 'exit')) as [number | null]
    clearTimeout(patience)
    return hung ? 'hung' : code
  })

const dice = new Dice('exit-gate')

claims('the gate before the transactions of a thread', {
  'lets a busy process end at any moment, on purpose or not': async () => {
    for (let round = 0; round < rounds; round += 1) {
      assert.is(await endOf('exit', 1 + dice.below(300)), 3)
      assert.is(await endOf('throw', 1 + dice.below(300)), 1)
    }
  },

  'does nothing once it is shut, and says so': () => {
    const shared = ExitGate.shared()
    const [inner, outer] = [new ExitGate(shared), new ExitGate(shared)]
    assert.is(
      inner.within(() => 'done'),
      'done',
    )
    assert.throws(
      () =>
        inner.within(() => {
          throw new Error('on purpose')
        }),
      /on purpose/,
    )
    assert.is(outer.shutNow(), true)
    let ran = false
    assert.throws(
      () =>
        inner.within(() => {
          ran = true
        }),
      (error: unknown) => isAuthError(error, 'STORE_UNAVAILABLE'),
    )
    assert.is(ran, false)
  },
})
