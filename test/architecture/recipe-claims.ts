/** Why a block is not typed here as it is printed. There are no others. */
export const reasons = {
  cluster: 'needs a cluster of Kubernetes: programs of the page run, kubectl’s words are read',
  containers: 'needs a container engine: programs of the page run, docker’s words are read',
  proxy: 'is for a proxy that no package here brings: its configuration is read and acted out',
  itself: 'is what runs this test: each word is looked up',
  drawing: 'is a drawing: the parts in it are looked up',
} as const

export type Reason = keyof typeof reasons
/** The one test that runs a block, or, where nothing here can, the one that checks it. */
export type Claim = string | Readonly<{ cannot: Reason; checkedBy: string }>

const cannot = (reason: Reason, checkedBy: string): Claim => ({ cannot: reason, checkedBy })

const commands = 'test/recipes/commands.test.ts'
const guards = 'test/recipes/guards.test.ts'
const receivers = 'test/recipes/receivers.test.ts'
const shell = 'test/recipes/shell.test.ts'
const install = 'test/recipes/install.test.ts'
const deployed = 'test/recipes/deployed.test.ts'
const foreign = 'test/system/guards/foreign-consumers.test.ts'
const streams = 'test/http/guards/ended-streams.test.ts'
const django = 'test/system/accounts/django-downstream.test.ts'
const go = 'test/recipes/go.test.ts'
const spring = 'test/recipes/spring.test.ts'
const fastapi = 'test/recipes/fastapi.test.ts'
const node = 'test/recipes/node.test.ts'
const trail = 'test/recipes/trail-verifiers.test.ts'
const exports = 'test/recipes/exports.test.ts'
const proxies = 'test/doors/other-proxies.test.ts'

/** Every fenced block of README.md and of the pages of docs/, by page and name. */
export const recipeClaims: Readonly<Record<string, Readonly<Record<string, Claim>>>> = {
  'README.md': {
    start: 'test/system/lifecycle/npm-start.test.ts',
    demo: install,
    'demo-output': install,
    users: commands,
    introspect: shell,
    guard: guards,
    scale: 'test/system/publication/topology-start.test.ts',
    docker: cannot('containers', deployed),
    test: cannot('itself', install),
  },
  'docs/console.md': { alone: 'test/recipes/console-alone.test.ts' },
  'docs/pages.md': { texts: 'test/http/pages/page-settings.test.ts' },
  'docs/CONTRIBUTING.md': { check: cannot('itself', install) },
  'docs/accounts.md': { users: commands, 'from-django': 'test/recipes/from-django.test.ts' },
  'docs/architecture.md': { parts: cannot('drawing', install) },
  'docs/audit.md': {
    pin: trail,
    verify: trail,
    'verify-go': trail,
    go: trail,
    fsck: trail,
    python: trail,
    receipt: trail,
    questions: 'test/recipes/questions.test.ts',
    export: exports,
    chosen: exports,
    vector: exports,
    'fluent-bit': exports,
    follow: exports,
  },
  'docs/blacklist.md': {
    mongosh: foreign,
    standing: foreign,
    verify: 'test/recipes/python.test.ts',
    'node-standing': foreign,
  },
  'docs/browsers.md': { start: commands, login: 'test/system/browsers/browser-pages.test.ts' },
  'docs/directory.md': {
    'claims-hook': receivers,
    changed: receivers,
    'directory-server': 'test/http/accounts/own-directory.test.ts',
  },
  'docs/django.md': { settings: django, recipe: django, 'both-settings': django, both: django },
  'docs/doors.md': {
    server: 'test/doors/nginx.test.ts',
    'sign-in': 'test/doors/nginx-sign-in.test.ts',
    'sign-in-location': 'test/doors/nginx-sign-in.test.ts',
    traefik: cannot('proxy', proxies),
    envoy: cannot('proxy', proxies),
    introspect: shell,
    'status-claim': shell,
    status: 'test/recipes/python.test.ts',
    'universal-logout': shell,
    kcat: foreign,
  },
  'docs/fastapi.md': {
    install: fastapi,
    'fastapi-auth': fastapi,
    'fastapi-orders': fastapi,
    fastapi,
  },
  'docs/feed.md': { read: guards, guard: guards },
  'docs/go.md': { main: go, go, verify: go, 'go-verify': go },
  'docs/guard.md': {
    attach: guards,
    'koa-stream': streams,
    'express-stream': streams,
    'fastify-stream': streams,
    'http-stream': streams,
    'ws-stream': streams,
  },
  'docs/kubernetes.md': {
    image: cannot('containers', deployed),
    keys: cannot('cluster', deployed),
    credentials: cannot('cluster', deployed),
    apply: cannot('cluster', deployed),
    pin: cannot('cluster', deployed),
    witness: cannot('cluster', deployed),
    rotate: cannot('cluster', deployed),
  },
  'docs/node.md': { start: node, express: node, fastify: node, koa: node, http: node, nest: node },
  'docs/operations.md': {
    restore: commands,
    keys: commands,
    tls: cannot('containers', deployed),
  },
  'docs/receivers.md': {
    client: receivers,
    push: receivers,
    poll: receivers,
    remove: receivers,
    logout: receivers,
  },
  'docs/sessions.md': { sessions: shell, listed: shell, commands },
  'docs/spring.md': {
    pom: spring,
    spring,
    security: spring,
    orders: spring,
    'sh-spring': spring,
  },
}
