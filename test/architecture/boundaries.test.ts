import { importsOf } from '../support/import-graph.ts'
import { sourcesBelow } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'
import { boundaryRules, brokenBoundaries } from './boundary-rules.ts'

const broken = (path: string, ...lines: readonly string[]): string[] =>
  brokenBoundaries([{ path, text: lines.join('\n') }])

/** One import for each rule, that it must refuse: `from`, the statement, the words of the rule. */
const refused: readonly (readonly [path: string, line: string, why: string])[] = [
  ['shared/kernel/a.ts', "import '../events/event.ts'", 'the kernel speaks'],
  ['shared/kernel/ids.ts', "import { z } from 'zod'", 'the kernel speaks'],
  ['shared/events/a.ts', "import type { EventLog } from '../ports/event-log.ts'", 'history'],
  ['shared/session/a.ts', "import { readFile } from 'node:fs/promises'", 'pure'],
  ['shared/tokens/a.ts', "import { event } from '../events/event.ts'", 'tokens are read'],
  ['shared/ports/a.ts', "import { never } from '../kernel/errors.ts'", 'a promise'],
  [
    'shared/guard/a.ts',
    "import { decodeEvent } from '../events/event-codec.ts'",
    'the guard lives',
  ],
  ['shared/guard/a.ts', "import Koa from 'koa'", 'the guard lives'],
  [
    'shared/guard/middleware/koa.ts',
    "import type { FastifyReply } from 'fastify'",
    'the guard lives',
  ],
  ['shared/guard/middleware/fastify.ts', "import { fastify } from 'fastify'", 'as types only'],
  ['shared/guard-kafka/a.ts', "import '../adapters/kafka/a.ts'", 'the host of a thread'],
  ['shared/curfew-guard/koa.ts', "export * from '../../shared/guard/verdict.ts'", 'is doors'],
  ['services/orders/a.ts', "import type { A } from '../../shared/guard/a.ts'", 'by the name'],
  [
    'services/orders/a.ts',
    "import '../../shared/guard-kafka/kafka-revocation-feed.ts'",
    'by the name',
  ],
  ['services/gateway/a.ts', "import { createGuard } from 'curfew-guard'", 'by its files'],
  ['shared/adapters/lmdb/a.ts', "import '../mongo/connection.ts'", 'adapters see'],
  ['shared/adapters/lmdb/a.ts', "import '../../tokens/sign.ts'", 'adapters see'],
  ['shared/http/a.ts', "import '../../services/gateway/login.ts'", 'knows no service'],
  ['services/gateway/a.ts', "import '../../test/support/builders.ts'", 'neither tests'],
  [
    'services/gateway/a.ts',
    "import '../../shared/adapters/lmdb/environment.ts'",
    'only composition',
  ],
  ['services/gateway/a.ts', "import '../../shared/backends/open-backends.ts'", 'open backends'],
  ['services/gateway/a.ts', "await import('kafkajs')", 'kafkajs is dormant'],
  ['shared/adapters/kafka/a.ts', "import 'mongodb'", 'its adapter only'],
  ['services/gateway/a.ts', "import { Counter } from 'prom-client'", 'what is counted'],
  ['services/gateway/a.ts', "import { trace } from '@opentelemetry/api'", 'traces are'],
  ['services/gateway/a.ts', "import 'rate-limiter-flexible'", 'its adapter only'],
  ['services/cli/main.ts', "import { open } from 'lmdb'", 'its adapter only'],
  ['services/cli/a.ts', "import 'hyparquet-writer'", 'known to one folder'],
  ['services/cli/a.ts', "await import('tsx/esm/api')", 'tsx has one home'],
  ['services/gateway/a.ts', "import { h } from 'preact'", 'browsers alone'],
  ['services/console/serving/a.ts', "import '@preact/signals'", 'browsers alone'],
  ['services/gateway/a.ts', "await import('esbuild')", 'what builds'],
  ['services/gateway/a.ts', "import jwt from 'jsonwebtoken'", 'strict pre-parser'],
  ['shared/backends/a.ts', "import Koa from 'koa'", 'HTTP is translated'],
  ['test/unit/a.test.ts', "import { test } from 'uvu'", 'by its counts only'],
  ['services/orders/a.ts', "import '../gateway/login.ts'", 'started alone'],
  ['services/orders/main.ts', "import type { A } from '../gateway/login.ts'", 'started alone'],
  ['services/gateway/a.ts', "import '../console/serving/a.ts'", 'started alone'],
  [
    'services/console/browser/a.tsx',
    "import { a } from '../../gateway/answers.ts'",
    'started alone',
  ],
]

const allowed: readonly (readonly [path: string, line: string])[] = [
  ['shared/kernel/config.ts', "import { z } from 'zod'"],
  ['shared/tokens/a.ts', "import type { Epoch } from '../events/commit.ts'"],
  ['shared/guard/middleware/koa.ts', "import type { Middleware } from 'koa'"],
  ['shared/guard/middleware/fastify.ts', "import type { FastifyReply } from 'fastify'"],
  ['shared/guard-kafka/a-worker.ts', "import '../adapters/kafka/a.ts'"],
  ['shared/curfew-guard/koa.ts', "export * from '../../shared/guard/middleware/koa.ts'"],
  ['services/orders/a.ts', "import { kafkaRevocationFeed } from 'curfew-guard/kafka'"],
  ['shared/adapters/lmdb/a.ts', "import '../memory/follow-topics.ts'"],
  ['services/embedded/compose.ts', "import '../gateway/compose.ts'"],
  ['services/gateway/main.ts', "import '../../shared/adapters/lmdb/environment.ts'"],
  ['services/gateway/a.ts', "// import 'kafkajs'"],
  ['services/gateway/a.ts', "import { serveConsole } from '../console/index.ts'"],
  ['services/console/browser/a.tsx', "import type { A } from '../../gateway/answers.ts'"],
]

claims('boundaries', {
  'no import breaks a rule': () => {
    const found = brokenBoundaries(sourcesBelow('shared', 'services', 'test', 'bench'))
    assert.is(found.length, 0, `\n${found.join('\n')}`)
  },

  'each rule refuses what it is for, and says why': () => {
    for (const [path, line, why] of refused) {
      const found = broken(path, line)
      assert.ok(
        found.some((text) => text.startsWith(`${path} -> `) && text.includes(why)),
        `${path}: ${line} was not refused with: ${why}`,
      )
    }
    const told = refused.flatMap(([path, line]) => broken(path, line))
    for (const { why } of boundaryRules) {
      assert.ok(
        told.some((text) => text.endsWith(why)),
        `no sample breaks the rule: ${why}`,
      )
    }
  },

  'what the rules except is let through': () => {
    for (const [path, line] of allowed) assert.equal(broken(path, line), [])
  },

  'every form of import is seen, and whether it is for types alone': () => {
    const text = [
      "import a from './a.ts'",
      "import type { B } from './b.ts'",
      "import { type C } from './c.ts'",
      "export { d } from './d.ts'",
      "export type { E } from '../e.ts'",
      "const f = await import('./f.ts')",
      "import type { G } from './g.ts'",
      "import { g } from './g.ts'",
      "import 'h'",
      'const no = \'import i from "i"\'',
    ].join('\n')
    const found = importsOf({ path: 'x/y/z.ts', text })
    assert.equal(found.map(({ to, typeOnly }) => `${to}${typeOnly ? ' (types)' : ''}`).sort(), [
      'h',
      'x/e.ts (types)',
      'x/y/a.ts',
      'x/y/b.ts (types)',
      'x/y/c.ts',
      'x/y/d.ts',
      'x/y/f.ts',
      'x/y/g.ts',
    ])
  },
})
