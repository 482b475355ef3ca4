import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { composeProblems } from '../support/documents/compose-problems.ts'
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

claims('docker-compose.yml', {
  'is what the specification of Compose knows, key for key': () => {
    // The name of the project is younger than this schema.
    const { name, ...rest } = compose
    assert.is(name, 'curfew')
    assert.equal(composeProblems(rest), [])
    const broken = structuredClone(rest) as { services: Record<string, object> }
    broken.services['gateway'] = { ...broken.services['gateway'], restarts: 'always' }
    assert.match(composeProblems(broken).join(), /gateway: must NOT have additional properties/)
  },
  'keeps logs in bounds, pins images by version, and restarts what fails': () => {
    assert.is(services.length, 10)
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

  'with the profile `metrics`: the rules, the dashboard, and every process that has numbers':
    () => {
      const profiled = services.filter(([, service]) => at(service, 'profiles') !== undefined)
      assert.equal(
        profiled.map(([name]) => name),
        ['prometheus', 'grafana'],
      )
      for (const [name, service] of profiled) {
        assert.is(at(service, 'read_only'), true, name)
        const mounts = at(service, 'volumes') as string[]
        const files = mounts.map((mount) => mount.split(':')[0] ?? '')
        for (const file of files.filter((one) => one.startsWith('./'))) {
          assert.ok(existsSync(join(projectRoot, file)), file)
        }
        // Whoever is on this machine may look; nobody else.
        for (const port of at(service, 'ports') as string[]) assert.match(port, /^127\.0\.0\.1:/)
      }
      const scraped = objectIn('deploy/prometheus/prometheus.yml')
      assert.equal(scraped['rule_files'], ['alerts.yaml'])
      const jobs = scraped['scrape_configs'] as Node[]
      assert.equal(
        jobs.map((job) => [at(job, 'job_name'), at(job, 'dns_sd_configs', 0, 'names', 0)]),
        ours.map(([name]) => [`curfew-${name}`, name]),
      )
      for (const [name, service] of ours) {
        const [job] = jobs.filter((one) => at(one, 'job_name') === `curfew-${name}`)
        const port = at(service, 'environment', 'CURFEW_METRICS_PORT')
        assert.is(String(at(job, 'dns_sd_configs', 0, 'port')), port)
        assert.is(at(service, 'environment', 'CURFEW_METRICS_HOST'), '0.0.0.0')
        const published = ((at(service, 'ports') ?? []) as string[]).join()
        assert.not.match(published, String(port))
      }
      const source = objectIn('deploy/grafana/provisioning/datasources/prometheus.yaml')
      assert.is(at(source, 'datasources', 0, 'url'), 'http://prometheus:9090')
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
