import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { openKafkaLog } from '../../shared/adapters/kafka/open-kafka-log.ts'
import { systemClock } from '../../shared/kernel/clock.ts'
import { systemEntropy } from '../../shared/kernel/entropy.ts'
import { silentLogger } from '../../shared/kernel/logger.ts'
import { at, type Node, objectIn } from '../support/documents/manifests.ts'
import { notRun } from '../support/not-run.ts'
import { projectRoot } from '../support/project-files.ts'
import { startKafka } from '../support/servers/kafka-server.ts'
import { newDataFolder, onPath, run } from '../support/servers/server-process.ts'
import { openTcpProxy } from '../support/servers/tcp-proxy.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'

/** What the image makes of its environment: KAFKA_SSL_KEYSTORE_TYPE is ssl.keystore.type. */
const tlsSettings = (dir: string): Readonly<Record<string, string>> => {
  const kafka = at(objectIn('docker-compose.tls.yml'), 'services', 'kafka', 'environment') as Node
  const named = Object.entries(kafka).filter(([name]) => name.startsWith('KAFKA_SSL_'))
  return Object.fromEntries(
    named.map(([name, value]) => [
      name.slice('KAFKA_'.length).toLowerCase().replaceAll('_', '.'),
      String(value).replace('/certificates/', `${dir}/`),
    ]),
  )
}

claims('the broker of docker-compose.tls.yml', {
  'speaks TLS with the certificates of the script, to who knows the authority': async () => {
    for (const tool of ['java', 'mvn', 'openssl']) {
      if (!(await onPath(tool))) return notRun('TLS of the compose file', `no ${tool}`)
    }
    const folder = newDataFolder('compose-tls')
    const script = join(folder, 'make-certificates.sh')
    copyFileSync(join(projectRoot, 'docker/make-certificates.sh'), script)
    await run('sh', [script], 20_000)
    const dir = join(folder, 'certificates')
    const { proxied, control } = await startKafka({
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,PROXIED:SSL,CONTROLLER:PLAINTEXT',
      ...tlsSettings(dir),
    })
    if (!proxied || !control) return assert.unreachable()
    const proxy = await openTcpProxy({ ...proxied, frames: 'none' })
    const openLog = async (caFile: string | null) => {
      const said: string[] = []
      const note = (details: object): void => void said.push(JSON.stringify(details))
      const log = await openKafkaLog({
        brokers: [`127.0.0.1:${proxied.listen}`],
        clientId: 'compose-tls',
        ssl: true,
        tlsFiles: { caFile, certFile: null, keyFile: null },
        sasl: null,
        clock: systemClock,
        entropy: systemEntropy,
        logger: { ...silentLogger, warn: note, error: note },
        topicPrefix: 'compose.',
        role: 'writer',
        revocationRetentionMs: 86_400_000,
        eventPartitions: 1,
      })
      return { log, said }
    }
    const believing = await openLog(join(dir, 'ca.pem'))
    const doubting = await openLog(null)
    try {
      await until('who knows the authority is served', () => believing.log.healthy())
      await until('who does not is told', () => doubting.said.length > 0)
      assert.not(doubting.log.healthy())
    } finally {
      await believing.log.close()
      await doubting.log.close()
      await proxy.close()
      await control.stop()
    }
  },
})
