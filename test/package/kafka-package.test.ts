import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openKafkaLog } from '../../shared/adapters/kafka/open-kafka-log.ts'
import { systemClock as clock } from '../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../shared/kernel/entropy.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import { openKeyFiles } from '../../shared/tokens/key-rings/key-files.ts'
import {
  aClosedTimeRecord,
  aLogId,
  aRevocationRecord,
  hourMs,
  noon,
} from '../support/fakes/builders.ts'
import { notRun } from '../support/not-run.ts'
import { alsoWith, guardConsumer } from '../support/packages/packed-guard.ts'
import { isMissing, useServers } from '../support/servers/servers.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'

/** Says what it hears, a line each, and ends by itself once its input ended and the feed closed. */
const program = (settings: object, ringFile: string): string => `
const say = (line) => console.log(line)
const sink = {
  onItems: (items) => items.forEach(({ kind, revocation }) => say(revocation?.key ?? kind)),
  onReset: () => say('reset'),
  onCaughtUp: () => say('caught up'),
  onTrouble: ({ message }) => say(message),
}
followMacRing(${JSON.stringify(ringFile)}).then((followed) => {
  const feed = kafkaRevocationFeed(${JSON.stringify(settings)}, followed.ring)
  const close = () => Promise.all([feed.close(), followed.close()])
  process.stdin.resume().on('end', () => close().then(() => say('closed')))
  return feed.open(sink)
})
`
const names = '{ kafkaRevocationFeed, followMacRing }'
const ways = {
  'reads.mjs': `import ${names} from 'curfew-guard/kafka'\n`,
  'reads.cjs': `const ${names} = require('curfew-guard/kafka')\n`,
}

const killed = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const started = async (parts: Lifecycle, app: string, file: string, text: string) => {
  writeFileSync(join(app, file), text)
  const child = spawn(process.execPath, [file], { cwd: app, stdio: ['pipe', 'pipe', 'inherit'] })
  await parts.use({ close: () => killed(child) })
  let told = ''
  child.stdout.on('data', (chunk: Buffer) => {
    told += String(chunk)
  })
  return { child, lines: () => told.split('\n') }
}

const readsKafka = async (brokers: readonly string[]): Promise<void> => {
  const parts = new Lifecycle()
  try {
    const app = alsoWith((await guardConsumer()).app, ['kafkajs'])
    const topicPrefix = `packed-${entropy.bytes(6).toString('hex')}.`
    const access = { brokers, topicPrefix, ssl: false, sasl: null, clientId: 'packed' }
    const lasting = { revocationRetentionMs: 24 * hourMs, eventPartitions: 1 }
    const log = await parts.use(
      await openKafkaLog({ ...access, ...lasting, clock, entropy, logger, role: 'writer' }),
    )
    const dir = join(app, 'keys')
    const { mac } = await openKeyFiles({ dir, entropy })
    const [early, forged] = [aRevocationRecord(mac), aRevocationRecord(mac)]
    const bad = { ...forged, headers: { ...forged.headers, 'curfew-mac': 'k1.AAAA' } }
    await log.publish([early, bad, aClosedTimeRecord(mac, noon, aLogId())])
    const settings = { ...access, logLevel: 'silent' }
    for (const [file, loading] of Object.entries(ways)) {
      const text = `${loading}${program(settings, join(dir, 'log-mac.json'))}`
      const { child, lines } = await started(parts, app, file, text)
      await until(`${file} has caught up`, () => lines().includes('caught up'))
      assert.ok(lines().includes(early.key) && lines().includes('forged'), lines().join())
      assert.not.ok(lines().includes(forged.key))
      const late = aRevocationRecord(mac)
      await log.publish([late])
      await until(`${file} hears on`, () => lines().includes(late.key))
      child.stdin?.end()
      await until(`${file} ended by itself`, () => child.exitCode !== null)
      assert.equal([child.exitCode, lines().includes('closed')], [0, true])
    }
  } finally {
    await parts.close()
  }
}

const { kafka } = await useServers(['kafka'])
if (isMissing(kafka)) notRun('the package curfew-guard/kafka on Kafka', kafka.missing)
else {
  claims('the package curfew-guard/kafka, on a real broker', {
    'is told revocations by import and by require, refuses a bad MAC, and ends when it is closed':
      () => readsKafka(kafka.brokers),
  })
}
