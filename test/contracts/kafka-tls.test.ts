import { readFileSync, rmSync } from 'node:fs'
import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createServer, type Server, type TlsOptions } from 'node:tls'
import { openKafkaLog } from '../../shared/adapters/kafka/open-kafka-log.ts'
import { systemClock } from '../../shared/kernel/clock.ts'
import { systemEntropy } from '../../shared/kernel/entropy.ts'
import { type Logger, silentLogger } from '../../shared/kernel/logger.ts'
import { notRun } from '../support/not-run.ts'
import { startKafka } from '../support/servers/kafka-server.ts'
import { newDataFolder, onPath, run } from '../support/servers/server-process.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'

const second = 1_000
const day = 86_400 * second
const stamp = (ms: number): string =>
  new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14).concat('Z')

const settingsOf = (dir: string): string => `[ca]
default_ca=own
[own]
database=${dir}/index.txt
new_certs_dir=${dir}
rand_serial=yes
default_md=sha256
policy=any
unique_subject=no
copy_extensions=copy
[any]
commonName=supplied
`

type Life = Readonly<{ name: string; from: number; to: number }>

/** An authority of its own, in files. */
const openAuthority = async (dir: string) => {
  await mkdir(dir, { recursive: true })
  const at = (file: string): string => join(dir, file)
  await writeFile(at('ca.conf'), settingsOf(dir))
  await writeFile(at('index.txt'), '')
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const self = ['req', '-x509', ...newKey, '-subj', '/CN=authority', '-days', '2']
  await run('openssl', [...self, '-keyout', at('ca.key'), '-out', at('ca.pem')], 20_000)
  let count = 0
  return {
    caFile: at('ca.pem'),
    sign: async ({ name, from, to }: Life): Promise<TlsOptions> => {
      count += 1
      const [key, request, cert] = [at(`${count}.key`), at(`${count}.csr`), at(`${count}.pem`)]
      const subject = ['-subj', '/CN=broker', '-addext', `subjectAltName=${name}`]
      await run('openssl', ['req', ...newKey, ...subject, '-keyout', key, '-out', request], 20_000)
      const life = ['-startdate', stamp(from), '-enddate', stamp(to)]
      const by = ['-keyfile', at('ca.key'), '-cert', at('ca.pem'), '-config', at('ca.conf')]
      await run(
        'openssl',
        ['ca', '-batch', '-notext', ...by, ...life, '-in', request, '-out', cert],
        20_000,
      )
      return { key: readFileSync(key), cert: readFileSync(cert) }
    },
  }
}

/** TLS in front of a real broker, whose certificate can be changed. */
const openTls = (listen: number, target: number, options: TlsOptions): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer(options, (client) => {
      const broker = connect(target, '127.0.0.1')
      client.pipe(broker).pipe(client)
      for (const end of [client, broker]) end.on('error', () => {})
      client.on('close', () => broker.destroy())
      broker.on('close', () => client.destroy())
    })
    server.on('tlsClientError', () => {})
    server.unref()
    server.listen(listen, '127.0.0.1', () => resolve(server))
  })

const heard = () => {
  const said: string[] = []
  const note = (details: object, message: string): void => {
    const { error } = details as { error?: Error }
    said.push(`${message} ${error?.message ?? ''}`)
  }
  const logger: Logger = { ...silentLogger, warn: note, error: note }
  return { said, logger }
}

const now = systemClock.now()
const good: Life = { name: 'IP:127.0.0.1', from: now - day, to: now + day }
const bad: Readonly<Record<string, readonly [Life, RegExp]>> = {
  'an expired certificate': [{ ...good, to: now - day / 2 }, /certificate has expired; renew it/],
  'a certificate that is not valid yet': [
    { ...good, from: now + day / 2 },
    /certificate is not yet valid; wait, or set the clock/,
  ],
  'a certificate of another name': [
    { ...good, name: 'DNS:elsewhere.example' },
    /does not match certificate's altnames.*; name the broker as its certificate does/s,
  ],
}

const open = async () => {
  const { proxied } = await startKafka()
  if (!proxied) throw new Error('the broker has no listener for a proxy')
  const dir = newDataFolder('tls')
  const authority = await openAuthority(dir)
  const server = await openTls(proxied.listen, proxied.target, await authority.sign(good))
  const openLog = async (caFile: string | null) => {
    const { said, logger } = heard()
    const log = await openKafkaLog({
      brokers: [`127.0.0.1:${proxied.listen}`],
      clientId: 'tls',
      ssl: true,
      tlsFiles: { caFile, certFile: null, keyFile: null },
      sasl: null,
      clock: systemClock,
      entropy: systemEntropy,
      logger,
      topicPrefix: 'tls.',
      role: 'writer',
      revocationRetentionMs: day,
      eventPartitions: 1,
    })
    return { log, said }
  }
  return { dir, authority, server, openLog }
}

type Bench = Awaited<ReturnType<typeof open>>

const isTold =
  (bench: Bench, [life, told]: readonly [Life, RegExp]) =>
  async () => {
    const { authority, server, openLog } = bench
    server.setSecureContext(await authority.sign(life))
    const { log, said } = await openLog(authority.caFile)
    try {
      await until('it is told', () => said.some((line) => told.test(line)))
      assert.is(log.healthy(), false)
      server.setSecureContext(await authority.sign(good))
      await until('a renewed certificate is taken, without a restart', () => log.healthy())
    } finally {
      await log.close()
    }
  }

const renewedAuthority = (bench: Bench) => async () => {
  const { authority, server, openLog, dir } = bench
  server.setSecureContext(await authority.sign(good))
  const caFile = join(dir, 'believed.pem')
  const { log, said } = await openLog(caFile)
  try {
    await until('the missing file is named', () => said.some((line) => line.includes(caFile)))
    const other = await openAuthority(join(dir, 'other'))
    await copyFile(other.caFile, `${caFile}.new`)
    await rename(`${caFile}.new`, caFile)
    const unknown = /give its authority in CURFEW_KAFKA_SSL_CA_FILE/
    await until('another authority is told', () => said.some((line) => unknown.test(line)))
    await copyFile(authority.caFile, `${caFile}.new`)
    await rename(`${caFile}.new`, caFile)
    await until('the right one is taken, without a restart', () => log.healthy())
  } finally {
    await log.close()
  }
}

const missing = async (): Promise<string | null> => {
  for (const command of ['java', 'mvn', 'openssl']) {
    if (!(await onPath(command))) return `no ${command}`
  }
  return null
}

const why = await missing()
if (why !== null) notRun('TLS to Kafka', why)
else {
  const bench = await open()
  process.once('exit', () => rmSync(bench.dir, { recursive: true, force: true }))
  claims('TLS to Kafka', {
    ...Object.fromEntries(
      Object.entries(bad).map(([name, row]) => [
        `${name} is told with the fix, and its renewal is taken by itself`,
        isTold(bench, row),
      ]),
    ),
    // asvs: 12.3.2, 12.3.4
    'an authority is believed from a file, which is read at each connection':
      renewedAuthority(bench),
  })
}
