import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
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
import { notRun } from '../support/not-run.ts'
import { apiProblems } from '../support/processes/typed-manifest.ts'
import { projectRoot } from '../support/project-files.ts'
import { onPath } from '../support/servers/server-process.ts'
import { assert, claims } from '../support/suite.ts'

const overlays = ['deploy/overlays/example', 'deploy/overlays/witness']
const kustomizations = ['deploy/base', 'deploy/witness', ...overlays]

const execute = promisify(execFile)

const isKustomization = (name: string): boolean => name === 'kustomization.yaml'
const manifestsIn = (dir: string): readonly Node[] =>
  readdirSync(join(projectRoot, dir))
    .filter((name) => name.endsWith('.yaml') && !isKustomization(name))
    .flatMap((name) => objectsIn(join(dir, name)))
const manifests = kustomizations.flatMap(manifestsIn)
const ofKind = (kind: string): readonly Node[] => manifests.filter((one) => one['kind'] === kind)
const deployments = ofKind('Deployment')
/** Those with volumes of their own, one pod each. */
const statefulSets = ofKind('StatefulSet')
const workloads = [...deployments, ...statefulSets]
const podOf = (workload: Node): unknown => at(workload, 'spec', 'template', 'spec')
const containerOf = (workload: Node): unknown => at(podOf(workload), 'containers', 0)
const commandOf = (workload: Node): string => String(at(containerOf(workload), 'args', 0))
const nameOf = (manifest: Node): unknown => at(manifest, 'metadata', 'name')
const hasWrittenVolumes = (workload: Node): boolean =>
  at(workload, 'spec', 'volumeClaimTemplates') !== undefined

type Variable = Readonly<{ name: string; value: string }>
const variablesOf = (workload: Node): ReadonlyMap<string, string> =>
  new Map((at(containerOf(workload), 'env') as Variable[]).map(({ name, value }) => [name, value]))

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
    assert.ok(manifests.length >= 14, `${manifests.length}`)
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
    const shared = overlays.flatMap((dir) => Object.keys(variablesIn(join(dir, 'settings.env'))))
    for (const workload of workloads) {
      const known = settingsOf(commandOf(workload))
      const unknown = [...variablesOf(workload).keys()].filter((name) => !known.has(name))
      assert.equal(unknown, [], commandOf(workload))
    }
    const read = new Set(workloads.flatMap((one) => [...settingsOf(commandOf(one))]))
    assert.equal(
      shared.filter((name) => !read.has(name)),
      [],
    )
  },
  'give a stop the time that it takes, and readiness the time to be seen': () => {
    assert.equal(workloads.map(commandOf), ['gateway', 'projector', 'auditor', 'witness'])
    for (const workload of workloads) {
      const variables = variablesOf(workload)
      const drain = secondsOf(variables.get('CURFEW_DRAIN'))
      const rest = secondsOf(variables.get('CURFEW_STOP_TIMEOUT'))
      const grace = Number(at(podOf(workload), 'terminationGracePeriodSeconds'))
      assert.ok(grace >= drain + rest + 10, `${grace} s for ${drain} and ${rest} s`)
      const probe = at(containerOf(workload), 'readinessProbe')
      const seen = Number(at(probe, 'periodSeconds')) * (Number(at(probe, 'failureThreshold')) + 1)
      assert.ok(drain > seen, `a drain of ${drain} s, and ${seen} until it is seen`)
    }
  },
  // asvs: 13.2.2
  'ask for no right that Curfew does not need': () => {
    for (const workload of workloads) {
      const pod = podOf(workload)
      const container = containerOf(workload)
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
      for (const volume of (at(pod, 'volumes') ?? []) as readonly object[]) {
        assert.is(at(volume, 'secret', 'defaultMode'), 0o440)
      }
      const access = hasWrittenVolumes(workload) ? 'write' : 'read'
      assert.is(variablesOf(workload).get('CURFEW_KEYS_GROUP_ACCESS'), access)
      assert.is(at(pod, 'securityContext', 'fsGroup'), 1000)
    }
  },
  'make no variable of the name of a Service': () => {
    for (const workload of workloads) {
      assert.is(at(podOf(workload), 'enableServiceLinks'), false)
    }
  },
  'select the pods that they mean': () => {
    const labels = workloads.map((one) => at(one, 'spec', 'template', 'metadata', 'labels'))
    const selectors = [
      ...workloads.map((one) => at(one, 'spec', 'selector', 'matchLabels')),
      ...ofKind('Service').map((one) => at(one, 'spec', 'selector')),
      ...ofKind('PodDisruptionBudget').map((one) => at(one, 'spec', 'selector', 'matchLabels')),
    ]
    assert.is(selectors.length, 10)
    for (const selector of selectors) {
      assert.is(labels.filter((one) => JSON.stringify(one) === JSON.stringify(selector)).length, 1)
    }
  },
  'give what writes files one pod, a Service of its name, and folders inside of its volumes':
    () => {
      const serviceNames = ofKind('Service').map(nameOf)
      for (const one of statefulSets) {
        const name = String(nameOf(one))
        assert.is(at(one, 'spec', 'replicas'), 1, name)
        assert.is(at(one, 'spec', 'serviceName'), name)
        assert.ok(serviceNames.includes(name))
        const mounts = at(containerOf(one), 'volumeMounts') as Record<string, string | boolean>[]
        const writable = mounts.filter(({ readOnly }) => readOnly !== true)
        const templates = at(one, 'spec', 'volumeClaimTemplates') as Node[]
        assert.equal(
          writable.map(({ name: mounted }) => mounted),
          templates.map(nameOf),
        )
        // The root of a volume is open to its group; Curfew makes a folder inside.
        const folders = [...variablesOf(one).values()].filter((value) => value.startsWith('/'))
        for (const { mountPath } of writable) {
          assert.not(folders.includes(String(mountPath)), name)
          assert.ok(
            folders.some((folder) => folder.startsWith(`${mountPath}/`)),
            name,
          )
        }
        // The key of a trail, or of a witness, and what it signs: one backup should not have both.
        assert.is(writable.length, 2)
      }
    },

  'name no address of a service that is not there': () => {
    const known = ofKind('Service').map(nameOf)
    for (const workload of workloads) {
      for (const [name, value] of variablesOf(workload)) {
        const host = /^http:\/\/([a-z-]+):3000$/.exec(value)?.[1]
        if (name.endsWith('_URL')) assert.ok(known.includes(host), `${name}=${value}`)
      }
    }
  },

  'become one document by kubectl’s own Kustomize': async () => {
    if (!(await onPath('kubectl'))) return notRun('Kustomize', 'kubectl is not installed')
    for (const dir of overlays) {
      const { stdout } = await execute('kubectl', ['kustomize', join(projectRoot, dir)])
      const built = parseAllDocuments(stdout).map((one) => one.toJS() as Node)
      const namespace = objectIn(join(dir, 'kustomization.yaml'))['namespace']
      for (const one of built) {
        const where = one['kind'] === 'Namespace' ? nameOf(one) : at(one, 'metadata', 'namespace')
        assert.is(where, namespace, String(nameOf(one)))
      }
      for (const one of built.filter((each) => at(each, 'spec', 'template') !== undefined)) {
        assert.match(String(at(containerOf(one), 'image')), /^registry\.example\/curfew:/)
      }
      assert.ok(built.some((one) => at(one, 'spec', 'template') !== undefined))
    }
  },

  'are pinned by version, and their kustomizations name what is there': () => {
    const { version } = objectIn('package.json')
    for (const workload of workloads) {
      assert.is(at(containerOf(workload), 'image'), `curfew:${String(version)}`)
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
          deployments.some((one) => nameOf(one) === name),
          name,
        )
      }
    }
  },
})
