import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  at,
  isPinned,
  type Node,
  objectIn,
  objectsIn,
  secondsOf,
  settingsOf,
  variablesIn,
} from '../support/documents/manifests.ts'
import { apiProblems } from '../support/processes/typed-manifest.ts'
import { projectRoot } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'

const base = 'deploy/base'
const overlay = 'deploy/overlays/example'
const kustomizations = [base, overlay]

const isKustomization = (name: string): boolean => name === 'kustomization.yaml'
const manifestsIn = (dir: string): readonly Node[] =>
  readdirSync(join(projectRoot, dir))
    .filter((name) => name.endsWith('.yaml') && !isKustomization(name))
    .flatMap((name) => objectsIn(join(dir, name)))
const manifests = kustomizations.flatMap(manifestsIn)
const ofKind = (kind: string): readonly Node[] => manifests.filter((one) => one['kind'] === kind)
const deployments = ofKind('Deployment')
const podOf = (deployment: Node): unknown => at(deployment, 'spec', 'template', 'spec')
const containerOf = (deployment: Node): unknown => at(podOf(deployment), 'containers', 0)
const commandOf = (deployment: Node): string => String(at(containerOf(deployment), 'args', 0))

type Variable = Readonly<{ name: string; value: string }>
const variablesOf = (deployment: Node): ReadonlyMap<string, string> =>
  new Map(
    (at(containerOf(deployment), 'env') as Variable[]).map(({ name, value }) => [name, value]),
  )

/** What Kustomize 5 knows of what we use. */
const kustomizationKeys = new Set([
  'apiVersion',
  'kind',
  'namespace',
  'resources',
  'labels',
  'images',
  'replicas',
  'configMapGenerator',
])

claims('the manifests for Kubernetes', {
  'are what its API knows, field for field': () => {
    assert.ok(manifests.length >= 8, `${manifests.length}`)
    assert.equal(apiProblems(manifests), [])
  },
  'would be refused with a field that the API does not know, lacks, or has otherwise': () => {
    const [deployment] = deployments
    const broken = (change: (pod: Record<string, unknown>) => unknown): readonly string[] => {
      const copy = structuredClone(deployment) as Node
      change(podOf(copy) as Record<string, unknown>)
      return apiProblems([copy])
    }
    assert.equal(
      broken(() => {}),
      [],
    )
    assert.match(broken((pod) => Object.assign(pod, { gracePeriod: 30 })).join(), /gracePeriod/)
    assert.match(
      broken((pod) => Object.assign(pod, { containers: undefined })).join(),
      /containers/,
    )
    const text = broken((pod) => Object.assign(pod, { terminationGracePeriodSeconds: '30' }))
    assert.match(text.join(), /string.*number/)
  },
  'name settings that their command reads': () => {
    const shared = Object.keys(variablesIn(join(overlay, 'settings.env')))
    for (const deployment of deployments) {
      const known = settingsOf(commandOf(deployment))
      const unknown = [...variablesOf(deployment).keys()].filter((name) => !known.has(name))
      assert.equal(unknown, [], commandOf(deployment))
    }
    const read = new Set(deployments.flatMap((one) => [...settingsOf(commandOf(one))]))
    assert.equal(
      shared.filter((name) => !read.has(name)),
      [],
    )
  },
  'give a stop the time that it takes, and readiness the time to be seen': () => {
    assert.is(deployments.length, 2)
    for (const deployment of deployments) {
      const variables = variablesOf(deployment)
      const drain = secondsOf(variables.get('CURFEW_DRAIN'))
      const rest = secondsOf(variables.get('CURFEW_STOP_TIMEOUT'))
      const grace = Number(at(podOf(deployment), 'terminationGracePeriodSeconds'))
      assert.ok(grace >= drain + rest + 10, `${grace} s for ${drain} and ${rest} s`)
      const probe = at(containerOf(deployment), 'readinessProbe')
      const seen = Number(at(probe, 'periodSeconds')) * (Number(at(probe, 'failureThreshold')) + 1)
      assert.ok(drain > seen, `a drain of ${drain} s, and ${seen} until it is seen`)
    }
  },
  // asvs: 13.2.2
  'ask for no right that Curfew does not need': () => {
    for (const deployment of deployments) {
      const pod = podOf(deployment)
      const container = containerOf(deployment)
      assert.is(at(pod, 'securityContext', 'runAsNonRoot'), true)
      assert.is(at(pod, 'securityContext', 'seccompProfile', 'type'), 'RuntimeDefault')
      assert.is(at(pod, 'automountServiceAccountToken'), false)
      assert.is(at(container, 'securityContext', 'readOnlyRootFilesystem'), true)
      assert.is(at(container, 'securityContext', 'allowPrivilegeEscalation'), false)
      assert.equal(at(container, 'securityContext', 'capabilities', 'drop'), ['ALL'])
      for (const probe of ['startupProbe', 'livenessProbe']) {
        assert.is(at(container, probe, 'httpGet', 'path'), '/healthz')
      }
      assert.is(at(container, 'readinessProbe', 'httpGet', 'path'), '/readyz')
      for (const path of [
        ['requests', 'cpu'],
        ['requests', 'memory'],
        ['limits', 'memory'],
      ]) {
        assert.type(at(container, 'resources', ...path), 'string')
      }
      // A Secret of root is read through the fsGroup, and by nobody else.
      for (const volume of at(pod, 'volumes') as readonly object[]) {
        assert.is(at(volume, 'secret', 'defaultMode'), 0o440)
      }
      assert.is(variablesOf(deployment).get('CURFEW_KEYS_GROUP_ACCESS'), 'read')
      assert.is(at(pod, 'securityContext', 'fsGroup'), 1000)
    }
  },
  'make no variable of the name of a Service': () => {
    for (const deployment of deployments) {
      assert.is(at(podOf(deployment), 'enableServiceLinks'), false)
    }
  },
  'select the pods that they mean': () => {
    const labels = deployments.map((one) => at(one, 'spec', 'template', 'metadata', 'labels'))
    const selectors = [
      ...deployments.map((one) => at(one, 'spec', 'selector', 'matchLabels')),
      ...ofKind('Service').map((one) => at(one, 'spec', 'selector')),
      ...ofKind('PodDisruptionBudget').map((one) => at(one, 'spec', 'selector', 'matchLabels')),
    ]
    assert.is(selectors.length, 6)
    for (const selector of selectors) {
      assert.is(labels.filter((one) => JSON.stringify(one) === JSON.stringify(selector)).length, 1)
    }
  },
  'are pinned by version, and their kustomizations name what is there': () => {
    const { version } = objectIn('package.json')
    for (const deployment of deployments) {
      assert.is(at(containerOf(deployment), 'image'), `curfew:${String(version)}`)
    }
    for (const dir of kustomizations) {
      const kustomization = objectIn(join(dir, 'kustomization.yaml'))
      const unknown = Object.keys(kustomization).filter((key) => !kustomizationKeys.has(key))
      assert.equal(unknown, [])
      const generated = at(kustomization, 'configMapGenerator', 0, 'envs') as string[] | undefined
      for (const file of [...(kustomization['resources'] as string[]), ...(generated ?? [])]) {
        assert.ok(existsSync(join(projectRoot, dir, file)), `${dir}: ${file}`)
      }
      const images = (kustomization['images'] ?? []) as Record<string, string>[]
      for (const { newName, newTag } of images) assert.ok(isPinned(`${newName}:${newTag}`))
      for (const { name } of (kustomization['replicas'] ?? []) as Record<string, string>[]) {
        assert.ok(
          deployments.some((one) => at(one, 'metadata', 'name') === name),
          name,
        )
      }
    }
  },
})
