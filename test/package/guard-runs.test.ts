import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicJwk } from '../../shared/tokens/keys.ts'
import { signAccess } from '../../shared/tokens/sign.ts'
import { attachesAndRefuses } from '../support/attached-consumer.ts'
import { alsoWith, consumer } from '../support/packed-guard.ts'
import { accessClaims, accessRing, audience, instant, issuer } from '../support/sample-tokens.ts'
import { assert, claims } from '../support/suite.ts'

const run = (app: string, file: string, text: string): string => {
  writeFileSync(join(app, file), text)
  return execFileSync(process.execPath, [file], { cwd: app, encoding: 'utf8' }).trim()
}

/** Judges an authentic token before the feed was read, and one whose signature is wrong. */
const program = (): string => {
  const { active } = accessRing
  const jwk = publicJwk(active.key)
  return `
const key = createPublicKey({ key: ${JSON.stringify(jwk)}, format: 'jwk' })
const own = { kid: '${active.kid}', alg: '${active.alg}', key, notAfter: null }
const keys = fixedKeys({ get: (kid) => (kid === own.kid ? own : undefined) })
const feed = { open: async () => {}, close: async () => {} }
const names = { issuer: '${issuer}', audience: '${audience}' }
const clock = { ...systemClock, now: () => ${instant} }
const guard = createGuard({ ...names, keys, feed, clock, onStale: 'deny' })
const token = '${signAccess(accessRing, accessClaims())}'
Promise.all([guard.check(token), guard.check(token.slice(0, -4) + 'AAAA')])
  .then((verdicts) => console.log(verdicts.map(({ outcome }) => outcome).join()))
`
}

const loading = (load: (path: string) => string): string =>
  ['koa', 'express', 'fastify', 'http'].map((name) => load(`curfew/guard/${name}`)).join('')

const kafkaProgram = `
const access = { brokers: ['127.0.0.1:1'], clientId: 'x', topicPrefix: '', ssl: false, sasl: null }
const ring = { active: 'a', keys: new Map() }
const sink = { onItems() {}, onReset() {}, onCaughtUp() {}, onTrouble() {} }
kafkaRevocationFeed({ ...access, logLevel: 'silent' }, ring)
  .open(sink)
  .catch(({ code, message }) => console.log(code, message))
`

claims('the package curfew/guard, at work', {
  'loads by import and by require, with jsonwebtoken and nothing else installed': () => {
    const { app } = consumer()
    const names = '{ createGuard, fixedKeys, systemClock }'
    const imported =
      `import { createPublicKey } from 'node:crypto'\n` +
      `import ${names} from 'curfew/guard'\n${loading((path) => `import '${path}'\n`)}`
    assert.is(run(app, 'esm.mjs', `${imported}${program()}`), 'unavailable,refused')
    const required =
      `const { createPublicKey } = require('node:crypto')\n` +
      `const ${names} = require('curfew/guard')\n${loading((path) => `require('${path}')\n`)}`
    assert.is(run(app, 'cjs.cjs', `${required}${program()}`), 'unavailable,refused')
  },

  'attaches elsewhere by import and by require, and refuses what was logged out': () =>
    attachesAndRefuses(consumer().app),

  'runs the client of Kafka in a thread of its own files, by import and by require': () => {
    const app = alsoWith(consumer().app, ['kafkajs', 'fzstd', 'snappyjs', 'pino', 'zod'])
    const imported = `import { kafkaRevocationFeed } from 'curfew/guard/kafka'\n`
    // The thread got as far as the broker, which is not there.
    const told = /^LOG_UNAVAILABLE the feed’s thread failed: the event log did not answer/
    assert.match(run(app, 'kafka.mjs', `${imported}${kafkaProgram}`), told)
    const required = `const { kafkaRevocationFeed } = require('curfew/guard/kafka')\n`
    assert.match(run(app, 'kafka.cjs', `${required}${kafkaProgram}`), told)
  },
})
