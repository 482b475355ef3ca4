import fc from 'fast-check'
import { auditFields, auditorFields } from '../../../../services/auditor/config.ts'
import { workerFields } from '../../../../services/embedded/worker-settings.ts'
import { gatewayFields } from '../../../../services/gateway/config.ts'
import { ordersFields } from '../../../../services/orders/config.ts'
import { projectorFields } from '../../../../services/projector/config.ts'
import { witnessFields } from '../../../../services/witness/config.ts'
import { backendFields } from '../../../../shared/backends/config.ts'
import { directoryFields } from '../../../../shared/backends/directory-settings.ts'
import { type Field, readConfig } from '../../../../shared/kernel/config.ts'
import { anyText } from '../../../support/fakes/any-text.ts'
import { assert, claims } from '../../../support/suite.ts'

const settings: readonly Field<unknown>[] = [
  ...[gatewayFields, backendFields, directoryFields, projectorFields, ordersFields],
  ...[auditFields, auditorFields, witnessFields, workerFields],
].flatMap((table) => Object.values(table))

const foreign =
  /invalid (input|string|option|element)|expected \w+,|received|unrecognized|too (big|small)/i

/** What is told of one setting; `null` where it is taken. */
const toldOf = (at: number, text: string): string | null => {
  const field = settings[at]
  if (!field) return null
  try {
    readConfig({ it: field }, { [field.env]: text })
    return null
  } catch (error) {
    const { message } = error as Error
    assert.match(message, `\n  ${field.env}=`, message)
    assert.ok(/ It takes |: must be /.test(message), message)
    assert.not.match(message, foreign, message)
    return message
  }
}

const numbers = ['0', '-1', '1.5', '1000000000', '9'.repeat(400), '1e9', 'x', ' ', '0x10'] as const

/** Where it is a choice among words: `sealed, clear`, `off, redirect or header`. */
const wordsIn = (takes: string): readonly string[] =>
  /^[\w-]+(, [\w-]+)*( or [\w-]+)?$/.test(takes) ? takes.split(/, | or /) : []

claims('a setting that is wrong', {
  'is told words that it takes': () => {
    const choices = [...settings.entries()].map(([at, { takes }]) => [at, wordsIn(takes)] as const)
    const many = choices.filter(([, words]) => words.length > 1)
    assert.ok(many.length > 10, String(many.length))
    const refused = many.flatMap(([at, words]) => words.flatMap((word) => toldOf(at, word) ?? []))
    assert.equal(refused, [])
  },

  'is named, and told in our words what it takes': () => {
    let refused = 0
    for (const at of settings.keys()) {
      for (const text of numbers) if (toldOf(at, text) !== null) refused += 1
    }
    assert.ok(refused > 200, String(refused))
    const drawn = fc.tuple(fc.nat(settings.length - 1), anyText({ maxLength: 30 }))
    fc.assert(
      fc.property(drawn, ([at, text]) => {
        toldOf(at, text)
      }),
      { numRuns: 500 },
    )
  },

  'by its range is told once, and a number below it is a number': () => {
    const at = settings.findIndex(({ env }) => env === 'CURFEW_WORKERS')
    for (const text of ['0', '-1', '1000000000', '65']) {
      const told = `CURFEW_WORKERS="${text}": must be a number from 1 to 64.`
      assert.is(toldOf(at, text)?.split('\n  ')[1], told)
    }
    assert.match(
      toldOf(at, '1.5') ?? '',
      '"1.5": is no whole number. It takes a number from 1 to 64',
    )
  },
})
