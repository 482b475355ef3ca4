import { z } from 'zod'
import { gatewayFields } from '../../../services/gateway/config.ts'
import {
  duration,
  type Env,
  field,
  flag,
  httpUrl,
  list,
  optional,
  port,
  readConfig,
  refuse,
  text,
  unknownVariables,
  whole,
} from '../../../shared/kernel/config.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { assert, claims } from '../../support/suite.ts'

const fields = {
  port: field({ env: 'CURFEW_A', schema: port, otherwise: '3000', takes: 'a port', doc: 'A.' }),
  life: field({
    env: 'CURFEW_B',
    schema: duration(1000),
    otherwise: '15m',
    takes: 'a duration',
    doc: 'B.',
  }),
  secret: optional({
    env: 'CURFEW_C',
    schema: z.string().min(16, { error: 'is too short' }),
    secret: true,
    takes: '16 characters',
    doc: 'C.',
  }),
} as const

const refusalOf = (env: Env): string => {
  try {
    readConfig(fields, env)
    return ''
  } catch (error) {
    assert.ok(isAuthError(error, 'CONFIG_INVALID'))
    return (error as Error).message
  }
}

const parsed = <T>(schema: z.ZodType<T, string>, given: string): T | 'refused' => {
  const result = schema.safeParse(given)
  return result.success ? result.data : 'refused'
}

claims('configuration', {
  'defaults apply to what is unset or empty, and the values are frozen': () => {
    const values = readConfig(fields, { CURFEW_A: '' })
    assert.equal(values, { port: 3000, life: 900_000, secret: null })
    assert.ok(Object.isFrozen(values))
  },

  'every mistake is told at once, by variable, with what it takes': () => {
    const message = refusalOf({ CURFEW_A: '70000', CURFEW_B: 'soon', CURFEW_C: 'x' })
    assert.match(message, '3 settings are wrong')
    assert.match(message, 'CURFEW_A="70000": must be from 0 to 65535. It takes a port.')
    assert.match(message, 'CURFEW_B="soon": is no duration. It takes a duration.')
    assert.match(message, 'CURFEW_C=(secret): is too short. It takes 16 characters.')
  },

  // asvs: 16.2.5
  'the value of a secret is never shown': () => {
    const message = refusalOf({ CURFEW_C: 'hunter2' })
    assert.match(message, '1 setting is wrong')
    assert.not.match(message, 'hunter2')
  },

  'durations have a unit, a least and a greatest': () => {
    const good: [string, number][] = [
      ['0', 0],
      ['0s', 0],
      ['500ms', 500],
      ['10s', 10_000],
      ['15m', 900_000],
      ['12h', 43_200_000],
      ['3650d', 315_360_000_000],
    ]
    for (const [given, ms] of good) assert.is(parsed(duration(), given), ms)
    for (const given of ['', '10', '1.5h', '-1s', '1 s', '3651d', '1w', 'Infinity', '1e3s', '٣s']) {
      assert.is(parsed(duration(), given), 'refused', given)
    }
    assert.is(parsed(duration(1000), '999ms'), 'refused')
  },

  'whole numbers and flags are spelled plainly': () => {
    assert.is(parsed(whole(0, 8), '08'), 8)
    for (const given of ['9', '-1', '1.0', '0x1', ' 1', '1234567890']) {
      assert.is(parsed(whole(0, 8), given), 'refused', given)
    }
    assert.is(parsed(flag, 'true'), true)
    for (const given of ['TRUE', '1', 'yes', '']) assert.is(parsed(flag, given), 'refused', given)
    assert.is(parsed(text(3), 'four'), 'refused')
  },

  'lists drop blanks, and addresses have no credentials, query or fragment': () => {
    assert.equal(parsed(list, ' a, b ,,c '), ['a', 'b', 'c'])
    const url = parsed(httpUrl, 'https://auth.example/base')
    assert.ok(url !== 'refused' && url.origin === 'https://auth.example')
    const bad = ['auth.example', 'ftp://a', 'http://u:p@a', 'http://a/?x', 'http://a/#x', 'http://']
    for (const given of bad) assert.is(parsed(httpUrl, given), 'refused', given)
  },

  'variables that no table knows are found': () => {
    const env = { CURFEW_A: '1', CURFEW_ACESS_TOKEN_LIFETIME: '5m', HOME: '/root' }
    assert.equal(unknownVariables([fields, gatewayFields], env), ['CURFEW_ACESS_TOKEN_LIFETIME'])
  },

  'no mistakes refuse nothing': () => {
    refuse([])
    assert.throws(
      () => refuse(['a', 'b']),
      (error: unknown) => isAuthError(error, 'CONFIG_INVALID'),
    )
  },
})
