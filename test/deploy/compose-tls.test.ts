import { X509Certificate } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { composeProblems } from '../support/documents/compose-problems.ts'
import { at, type Node, objectIn, settingsOf } from '../support/documents/manifests.ts'
import { findTools } from '../support/processes/tools.ts'
import { projectRoot } from '../support/project-files.ts'
import { run } from '../support/servers/server-process.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'

const plain = objectIn('docker-compose.yml')['services'] as Record<string, Node>
const file = objectIn('docker-compose.tls.yml')
const over = file['services'] as Record<string, Node>
const what = 'certificates of docker-compose.tls.yml'
const authority = '/certificates/ca.pem'

const environmentOf = (service: Node | undefined): Readonly<Record<string, string>> =>
  (at(service, 'environment') ?? {}) as Record<string, string>
const mountsOf = (service: Node): readonly string[] => (at(service, 'volumes') ?? []) as string[]

/** A copy of the folder docker/, in which the script makes its files. */
const inDocker = (work: (dir: string, script: string) => Promise<void>): Promise<void> =>
  inTempFolder('certificates', async (root) => {
    const dir = join(root, 'docker')
    mkdirSync(dir)
    const script = join(dir, 'make-certificates.sh')
    copyFileSync(join(projectRoot, 'docker/make-certificates.sh'), script)
    await work(join(dir, 'certificates'), script)
  })

claims('docker-compose.tls.yml', {
  'is what the specification of Compose knows, and changes services that there are': () => {
    assert.equal(composeProblems(file), [])
    assert.equal(
      Object.keys(over).filter((name) => !(name in plain)),
      [],
    )
  },

  'has every client of broker and database speak TLS, and believe the one authority': () => {
    for (const [name, service] of Object.entries(plain)) {
      const before = environmentOf(service)
      const after = environmentOf(over[name])
      assert.is('CURFEW_KAFKA_BROKERS' in before, after['CURFEW_KAFKA_SSL'] === 'true', name)
      assert.is('CURFEW_MONGODB_URL' in before, 'CURFEW_MONGODB_URL' in after, name)
      if (!('CURFEW_KAFKA_BROKERS' in before)) continue
      assert.is(after['CURFEW_KAFKA_SSL_CA_FILE'], authority)
      assert.ok(mountsOf(over[name] ?? {}).some((mount) => mount.includes(`:${authority}:ro`)))
      const known = settingsOf(name)
      for (const setting of Object.keys(after)) assert.ok(known.has(setting), setting)
      if ('CURFEW_MONGODB_URL' in before) {
        const tls = `&tls=true&tlsCAFile=${authority}`
        assert.is(after['CURFEW_MONGODB_URL'], `${before['CURFEW_MONGODB_URL']}${tls}`)
      }
    }
  },

  'mounts no file that is not there, or not made, and no key but to the server whose it is': () =>
    inDocker(async (made, script) => {
      if (!(await findTools(what, 'openssl'))) return
      await run('sh', [script], 20_000)
      const files = readdirSync(made).map((one) => `./docker/certificates/${one}`)
      for (const [name, service] of Object.entries(over)) {
        for (const mount of mountsOf(service)) {
          const [from = ''] = mount.split(':')
          assert.ok(files.includes(from) || existsSync(join(projectRoot, from)), mount)
          assert.match(mount, /:ro$/)
          const isOwn = from.endsWith('/ca.pem') || from.endsWith(`/${name}.pem`)
          assert.ok(isOwn || !from.includes('certificates/'), `${name}: ${mount}`)
        }
      }
    }),

  'leaves no way in without TLS': () => {
    const { command } = over['mongo'] as unknown as { command: string[] }
    assert.equal(command.slice(0, 2), ['--tlsMode', 'requireTLS'])
    const start = readFileSync(join(projectRoot, 'docker/mongo-start.sh'), 'utf8')
    assert.match(start, /^exec docker-entrypoint\.sh mongod .* "\$@"$/m)
    const kafka = environmentOf(over['kafka'])
    const protocols = new Map(
      kafka['KAFKA_LISTENER_SECURITY_PROTOCOL_MAP']?.split(',').map((pair) => {
        const [name = '', protocol = ''] = pair.split(':')
        return [name, protocol] as const
      }),
    )
    for (const listener of kafka['KAFKA_LISTENERS']?.split(',') ?? []) {
      const [, name = '', host] = /^(\w+):\/\/(\w*):\d+$/.exec(listener) ?? []
      assert.ok(protocols.get(name) === 'SSL' || host === 'localhost', listener)
    }
  },
})

claims('docker/make-certificates.sh', {
  // asvs: 11.6.1
  'makes certificates of one authority for both servers, and keeps no key to sign others': () =>
    inDocker(async (made, script) => {
      if (!(await findTools(what, 'openssl'))) return
      await run('sh', [script], 20_000)
      assert.equal(readdirSync(made).sort(), ['ca.pem', 'kafka.pem', 'mongo.pem'])
      assert.is(statSync(made).mode & 0o777, 0o700)
      const ca = new X509Certificate(readFileSync(join(made, 'ca.pem')))
      assert.ok(ca.ca)
      for (const name of ['kafka', 'mongo']) {
        const text = readFileSync(join(made, `${name}.pem`), 'utf8')
        // PKCS #8: the one form that Kafka reads from PEM.
        assert.match(text, /^-----BEGIN PRIVATE KEY-----\n/)
        const own = new X509Certificate(text.slice(text.indexOf('-----BEGIN CERT')))
        assert.ok(own.verify(ca.publicKey), name)
        for (const host of [name, 'localhost']) assert.is(own.checkHost(host), host)
        assert.is(own.checkHost('elsewhere'), undefined)
        assert.not(own.ca)
      }
    }),

  'changes nothing that is there, unless it is told to': () =>
    inDocker(async (made, script) => {
      if (!(await findTools(what, 'openssl'))) return
      await run('sh', [script], 20_000)
      const read = (): string => readFileSync(join(made, 'ca.pem'), 'utf8')
      const first = read()
      const again = await run('sh', [script], 20_000).then(
        () => 'made',
        () => 'refused',
      )
      assert.is(again, 'refused')
      assert.is(read(), first)
      await run('sh', [script, '--renew'], 20_000)
      assert.is.not(read(), first)
      assert.equal(readdirSync(join(made, '..')).sort(), ['certificates', 'make-certificates.sh'])
    }),
})
