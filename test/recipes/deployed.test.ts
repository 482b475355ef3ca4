import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { namedBlock } from '../support/documents/code-blocks.ts'
import { at, isPinned, objectIn, objectsIn, settingsOf } from '../support/documents/manifests.ts'
import { newJar } from '../support/processes/browser.ts'
import { type HeardCall, hearPrograms } from '../support/processes/heard-programs.ts'
import { findTools } from '../support/processes/tools.ts'
import { projectRoot } from '../support/project-files.ts'
import { makeClone, printedBy, type Shell } from '../support/requests/page-shell.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'
import { inWorld } from '../support/worlds/gateway-world.ts'
import { lmdbBackingIn } from '../support/worlds/world-backing.ts'

const password = 'correct horse battery'
const text = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')

type Deploy = Readonly<{
  shell: Shell
  /** Types a block, and gives what the programs were told meanwhile, in order of their names. */
  type: (page: string, block: string) => Promise<readonly HeardCall[]>
}>

const inClone = (work: (deploy: Deploy) => Promise<void>): Promise<void> =>
  inTempFolder('page', async (dir) => {
    makeClone(dir)
    const heard = hearPrograms(dir, 'docker', 'kubectl')
    const shell = { dir, env: { PASSWORD: password } }
    const type: Deploy['type'] = async (page, block) => {
      const before = heard.calls().length
      await printedBy(shell, namedBlock(page, block))
      return heard.calls().slice(before)
    }
    await work({ shell, type })
  })

/** What each call means, by the forms that the clients take; anything else is a mistake. */
const meant = (
  calls: readonly HeardCall[],
  forms: readonly RegExp[],
): readonly Readonly<Record<string, string>>[] => {
  assert.is(calls.length, forms.length, calls.map(({ line }) => line).join('\n'))
  return calls.map(({ line }, index) => {
    const match = forms[index]?.exec(line)
    assert.ok(match, `${line} is none of ${String(forms[index])}`)
    return match?.groups ?? {}
  })
}

const version = String(objectIn('package.json')['version'])
const example = 'deploy/overlays/example'
const overlay = objectIn(`${example}/kustomization.yaml`)
const image = at(overlay, 'images', 0, 'newName')

const namespace = String(overlay['namespace'])
const deployments = ['gateway', 'projector', 'auditor'].flatMap((name) =>
  objectsIn(`deploy/base/${name}.yaml`).filter(({ kind }) =>
    /^(Deployment|StatefulSet)$/.test(String(kind)),
  ),
)
const secretsNamed = new Set(
  JSON.stringify(deployments)
    .match(/(?<="secretName":"|"secretRef":\{"name":")[^"]+/g)
    ?.map(String),
)
const secret = `kubectl -n ${namespace} create secret generic (?<secret>\\S+)`
const fromFile = new RegExp(`^${secret} --from-file=(?<path>\\S+)$`)

claims('README, with Docker', {
  'secrets that the file of Compose asks for, a start, and a user in the gateway’s container': () =>
    inClone(async ({ shell, type }) => {
      if (!(await findTools('README with Docker', 'openssl'))) return
      const calls = await type('README.md', 'docker')
      const [, exec] = meant(calls, [
        /^docker compose up --build --wait$/,
        /^docker compose exec -T (?<service>\S+) node services\/cli\/curfew\.mjs users add alice /,
      ])
      const compose = text('docker-compose.yml')
      const file = join(shell.dir, '.env')
      const made = readFileSync(file, 'utf8').match(/^[A-Z_]+(?==[0-9a-f]{48}$)/gm)
      const asked = compose.match(/(?<=\$\{)[A-Z_]+/g)
      assert.equal(made?.sort(), [...new Set(asked)].sort())
      assert.is(statSync(file).mode & 0o777, 0o600)
      const service = at(objectIn('docker-compose.yml'), 'services', exec?.['service'] ?? '')
      assert.is(at(service, 'image'), `curfew:${version}`)
      assert.match(text('Dockerfile'), /^COPY services /m)
      const backing = lmdbBackingIn(join(shell.dir, 'data'))
      await inWorld({ backing }, async (world) => {
        assert.is((await world.login(newJar(), 'alice', password)).status, 200)
      })
    }),
})

claims('docs/operations.md, TLS', {
  'makes the certificates that the second file of Compose mounts, and names both files': () =>
    inClone(async ({ shell, type }) => {
      if (!(await findTools('certificates for Compose', 'openssl'))) return
      const calls = await type('docs/operations.md', 'tls')
      const [up] = meant(calls, [
        /^docker compose -f (?<one>\S+) -f (?<two>\S+) up --build --wait$/,
      ])
      assert.equal({ ...up }, { one: 'docker-compose.yml', two: 'docker-compose.tls.yml' })
      for (const mount of text('docker-compose.tls.yml').match(/\.\/docker\/[^:]+/g) ?? []) {
        assert.ok(existsSync(join(shell.dir, mount)), mount)
      }
    }),
})

claims('docs/kubernetes.md', {
  'an image is built of what is there, and pushed as the overlay names it': () =>
    inClone(async ({ shell, type }) => {
      const calls = await type('docs/kubernetes.md', 'image')
      const [built, pushed] = meant(calls, [
        /^docker build -t (?<image>\S+) \.$/,
        /^docker push (?<image>\S+)$/,
      ])
      assert.is(built?.['image'], `${image}:${version}`)
      assert.equal(pushed, built)
      assert.ok(isPinned(built?.['image']) && existsSync(join(shell.dir, 'Dockerfile')))
    }),

  'keys and passwords become the Secrets that the manifests mount, and no other': () =>
    inClone(async ({ shell: { dir }, type }) => {
      const keys = await type('docs/kubernetes.md', 'keys')
      const made = meant(keys, [
        new RegExp(`^kubectl create namespace ${namespace}$`),
        fromFile,
        fromFile,
        fromFile,
      ]).slice(1)
      const rings = ['address', 'events-mac', 'log-mac', 'personal', 'refresh', 'set', 'signing']
      const files = rings.map((one) => `${one}.json`)
      assert.equal(readdirSync(join(dir, made[0]?.['path'] ?? '')).sort(), files)
      assert.is(made[0]?.['secret'], 'curfew-keys')
      for (const one of made.slice(1)) assert.ok(existsSync(join(dir, one?.['path'] ?? '')))
      const given = await type('docs/kubernetes.md', 'credentials')
      const literals = new RegExp(`^${secret}(?<literals>( --from-literal=[A-Z_]+=\\S+)+)$`)
      const [credentials] = meant(given, [literals])
      const names = credentials?.['literals']?.match(/(?<=--from-literal=)[A-Z_]+/g) ?? []
      const known = settingsOf('gateway')
      assert.equal(
        names.filter((name) => !known.has(name)),
        [],
      )
      assert.is(names.length, 3)
      assert.equal(
        [...made, credentials].map((one) => one?.['secret']).sort(),
        [...secretsNamed].sort(),
      )
    }),

  'a copy of the overlay is applied, and a command runs in a gateway that it has': () =>
    inClone(async ({ shell: { dir }, type }) => {
      // What the gateway of that container has: a store.
      const data = join(dir, 'data')
      mkdirSync(data, { mode: 0o700 })
      let calls: readonly HeardCall[] = []
      await inWorld({ backing: lmdbBackingIn(data) }, async () => {
        calls = await type('docs/kubernetes.md', 'apply')
      })
      const [applied, ...asked] = meant(calls, [
        /^kubectl apply -k (?<path>\S+)$/,
        new RegExp(`^kubectl -n ${namespace} rollout status deployment/(?<name>\\S+)$`),
        new RegExp(`^kubectl -n ${namespace} exec deploy/(?<name>\\S+) -- node services/cli/`),
      ])
      const copied = join(dir, applied?.['path'] ?? '', 'kustomization.yaml')
      assert.is(readFileSync(copied, 'utf8'), text(`${example}/kustomization.yaml`))
      const named = deployments.map((one) => at(one, 'metadata', 'name'))
      for (const { name } of asked) assert.ok(named.includes(name), name)
    }),

  'the trail’s key is read in the auditor that there is, and a witness is applied elsewhere': () =>
    inClone(async ({ shell: { dir }, type }) => {
      const pinning = await type('docs/kubernetes.md', 'pin')
      const [pinned] = meant(pinning, [
        new RegExp(`^kubectl -n ${namespace} exec (?<pod>\\S+) -- head -1 (?<path>\\S+)$`),
      ])
      const [auditor] = objectsIn('deploy/base/auditor.yaml')
      assert.is(pinned?.['pod'], `${at(auditor, 'metadata', 'name')}-0`)
      const variables = at(auditor, 'spec', 'template', 'spec', 'containers', 0, 'env') as object[]
      const trail = variables.find((one) => at(one, 'name') === 'CURFEW_AUDIT_DIR')
      assert.is(pinned?.['path'], `${at(trail, 'value')}/verifier-keys`)
      const watching = await type('docs/kubernetes.md', 'witness')
      const [applied, logs] = meant(watching, [
        /^kubectl apply -k (?<path>\S+)$/,
        /^kubectl -n (?<namespace>\S+) logs (?<pod>\S+)$/,
      ])
      const copied = objectIn('deploy/overlays/witness/kustomization.yaml')
      assert.ok(existsSync(join(dir, applied?.['path'] ?? '', 'settings.env')))
      assert.is(logs?.['namespace'], copied['namespace'])
      const [witness] = objectsIn('deploy/witness/witness.yaml')
      assert.is(logs?.['pod'], `${at(witness, 'metadata', 'name')}-0`)
    }),

  'a rotation replaces the whole Secret by the folder': () =>
    inClone(async ({ shell: { dir }, type }) => {
      await printedBy({ dir, env: { CURFEW_KEYS_DIR: './keys' } }, 'npx curfew keys make')
      const folder = join(dir, 'keys')
      const before = readFileSync(join(folder, 'signing.json'), 'utf8')
      for (const name of readdirSync(folder)) utimesSync(join(folder, name), 1, 1)
      const calls = await type('docs/kubernetes.md', 'rotate')
      const created = calls.find(({ line }) => line.includes(' create '))
      const applied = calls.find(({ line }) => line.includes(' apply '))
      assert.ok(created && applied)
      const dry = new RegExp(`${fromFile.source.slice(0, -1)} --dry-run=client -o yaml$`)
      const [made] = meant([created as HeardCall], [dry])
      assert.equal({ ...made }, { secret: 'curfew-keys', path: './keys' })
      assert.equal(
        { ...(applied as HeardCall) },
        { line: 'kubectl apply -f -', input: `manifest of ${created?.line}\n` },
      )
      assert.is.not(readFileSync(join(folder, 'signing.json'), 'utf8'), before)
    }),
})
