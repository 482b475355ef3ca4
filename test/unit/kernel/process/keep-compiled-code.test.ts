import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  keepCompiledCode,
  ownCompiledCode,
} from '../../../../shared/kernel/process/keep-compiled-code.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'

const watched = () => {
  const clock = fakeClock()
  const state = { share: 0, said: [] as string[] }
  const code = {
    keep: () => void state.said.push('keep'),
    giveBack: async () => void state.said.push('give back'),
  }
  const keeping = keepCompiledCode(clock, code, () => state.share)
  const minutes = async (count: number, share: number): Promise<void> => {
    for (let minute = 0; minute < count; minute += 1) {
      state.share = share
      await clock.advance(60_000)
    }
  }
  return { clock, state, keeping, minutes }
}

const source = fileURLToPath(
  new URL('../../../../shared/kernel/process/keep-compiled-code.ts', import.meta.url),
)
const loader = fileURLToPath(new URL('../../../../.ci/typescript.mjs', import.meta.url))

claims('keeping compiled code', {
  'what a start took is given back by V8 itself, before it is asked to keep anything': async () => {
    const { clock, state, keeping } = watched()
    await clock.advance(19_000)
    assert.equal(state.said, [])
    await clock.advance(1_000)
    assert.equal(state.said, ['keep'])
    await keeping.close()
  },

  'after five minutes of calm memory is given back, once': async () => {
    const { clock, state, keeping, minutes } = watched()
    await clock.advance(20_000)
    await minutes(4, 0.04)
    assert.equal(state.said, ['keep'])
    await minutes(20, 0.04)
    assert.equal(state.said, ['keep', 'give back'])
    await keeping.close()
  },

  'a minute of load begins the five minutes anew, and what it took is given back again':
    async () => {
      const { clock, state, keeping, minutes } = watched()
      await clock.advance(20_000)
      await minutes(4, 0)
      await minutes(1, 0.05)
      await minutes(4, 0)
      assert.equal(state.said, ['keep'])
      await minutes(1, 0)
      await minutes(1, 1)
      await minutes(5, 0)
      assert.equal(state.said, ['keep', 'give back', 'give back'])
      await keeping.close()
    },

  'a process that closes neither waits nor is asked for anything more': async () => {
    const { clock, state, keeping, minutes } = watched()
    await keeping.close()
    await clock.advance(20_000)
    await minutes(6, 0)
    assert.equal(state.said, [])
  },

  'an older V8 is not asked': () => {
    for (const version of ['11.3.244.8-node.46', '12.4.254.21-node.33']) {
      assert.is(ownCompiledCode(version), null)
    }
    assert.ok(ownCompiledCode('13.6.233.17-node.30'))
  },

  'the V8 of this process knows what it is asked for, and collects what nothing holds': () => {
    const script = `
      import { ownCompiledCode } from ${JSON.stringify(source)}
      const code = ownCompiledCode()
      const isHeld = new WeakRef({})
      await new Promise((resolve) => setImmediate(resolve))
      code?.keep()
      await code?.giveBack()
      console.log(code === null || isHeld.deref() === undefined, typeof globalThis.gc)`
    const args = ['--import', loader, '--input-type=module', '-e', script]
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    assert.is(stderr, '')
    assert.is(stdout, 'true undefined\n')
  },
})
