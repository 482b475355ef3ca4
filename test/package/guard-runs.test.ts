import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicJwk } from '../../shared/tokens/key-rings/key-ring.ts'
import { signAccess } from '../../shared/tokens/signing/sign-token.ts'
import {
  accessClaims,
  accessRing,
  audience,
  instant,
  issuer,
} from '../support/fakes/sample-tokens.ts'
import {
  alsoWith,
  closureOfPackages,
  dependenciesOf,
  guardConsumer,
} from '../support/packages/packed-guard.ts'
import { assert, claims } from '../support/suite.ts'
import { attachesAndRefuses } from '../support/worlds/attached-consumer.ts'

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
  ['koa', 'express', 'fastify', 'http'].map((name) => load(`curfew-guard/${name}`)).join('')

const kafkaProgram = `
const access = { brokers: ['127.0.0.1:1'], clientId: 'x', topicPrefix: '', ssl: false, sasl: null }
const ring = { active: 'a', keys: new Map() }
const sink = { onItems() {}, onReset() {}, onCaughtUp() {}, onTrouble() {} }
kafkaRevocationFeed({ ...access, logLevel: 'silent' }, ring)
  .open(sink)
  .catch(({ code, message }) => console.log(code, message))
`

const names = '{ createGuard, fixedKeys, systemClock }'
const imported =
  `import { createPublicKey } from 'node:crypto'\n` +
  `import ${names} from 'curfew-guard'\n${loading((path) => `import '${path}'\n`)}`
const required =
  `const { createPublicKey } = require('node:crypto')\n` +
  `const ${names} = require('curfew-guard')\n${loading((path) => `require('${path}')\n`)}`

/** Which packages the process loaded files of. */
const loadedPackages = `
const files = Object.keys(require.cache).map((path) => path.split('/node_modules/').pop())
const names = files.filter((path) => !path.startsWith('/')).map((path) => path.split('/')[0])
console.log([...new Set(names)].join())
`

claims('the package curfew-guard, at work', {
  'loads by import and by require, with what its package.json names and nothing else': async () => {
    const { app } = await guardConsumer()
    assert.is(run(app, 'esm.mjs', `${imported}${program()}`), 'unavailable,refused')
    assert.is(run(app, 'cjs.cjs', `${required}${program()}`), 'unavailable,refused')
  },

  'brings jsonwebtoken into the process, and no other package of its own': async () => {
    const { app, pkgDir } = await guardConsumer()
    assert.equal(dependenciesOf(pkgDir), ['jsonwebtoken'])
    const kafka = `require('curfew-guard/kafka')\n`
    const loaded = run(app, 'loads.cjs', `${required}${kafka}${loadedPackages}`).split(',')
    const mayBe = closureOfPackages(['jsonwebtoken'])
    assert.ok(loaded.includes('curfew-guard') && loaded.includes('jsonwebtoken'))
    assert.equal(
      loaded.filter((name) => !mayBe.has(name)),
      ['curfew-guard'],
    )
  },

  'is one guard, however it is loaded': async () => {
    const { app } = await guardConsumer()
    const both = ['', '/koa', '/express', '/fastify', '/http', '/kafka'].map(
      (door) => `[await import('curfew-guard${door}'), require('curfew-guard${door}')]`,
    )
    const text = `const same = async () => {
      for (const [imported, required] of [${both.join()}]) {
        for (const [name, it] of Object.entries(required)) {
          if (imported[name] !== it) throw new Error(name)
        }
      }
      console.log('same')
    }
    same()`
    assert.is(run(app, 'same.cjs', text), 'same')
  },

  'attaches elsewhere by import and by require, and refuses what was logged out': async () =>
    attachesAndRefuses((await guardConsumer()).app),

  'is code in lines that a terminal can show, where an error ends a process': async () => {
    const lib = join((await guardConsumer()).pkgDir, 'lib')
    const files = readdirSync(lib).filter((name) => name.endsWith('.cjs'))
    const lines = files.flatMap((name) => readFileSync(join(lib, name), 'utf8').split('\n'))
    assert.ok(files.includes('core.cjs'))
    assert.ok(Math.max(...lines.map((line) => line.length)) < 2_000)
  },

  'says what to install when it is to read Kafka and kafkajs is not there': async () => {
    const { app } = await guardConsumer()
    const caught = `try {${kafkaProgram}} catch ({ code, message }) { console.log(code, message) }`
    const text = `const { kafkaRevocationFeed } = require('curfew-guard/kafka')\n${caught}`
    const told = /^CONFIG_INVALID .* needs kafkajs: npm install kafkajs@2\.2\.4$/
    assert.match(run(app, 'without.cjs', text), told)
  },

  'runs the client of Kafka in a thread of its own files, by import and by require': async () => {
    const app = alsoWith((await guardConsumer()).app, ['kafkajs'])
    const byImport = `import { kafkaRevocationFeed } from 'curfew-guard/kafka'\n`
    // The thread got as far as the broker, which is not there.
    const told = /^LOG_UNAVAILABLE the feed’s thread failed: the event log did not answer/
    assert.match(run(app, 'kafka.mjs', `${byImport}${kafkaProgram}`), told)
    const byRequire = `const { kafkaRevocationFeed } = require('curfew-guard/kafka')\n`
    assert.match(run(app, 'kafka.cjs', `${byRequire}${kafkaProgram}`), told)
  },
})
