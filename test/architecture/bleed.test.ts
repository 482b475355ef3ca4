import { closureOf } from '../support/import-graph.ts'
import { byPath, type SourceText, sourcesBelow } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'

/** Whoever uses the guard must not get these along: megabytes, native code, or a server of ours. */
const banned =
  /^(kafkajs|mongodb|lmdb|koa|@koa\/router|express|fastify|zod|pino|fast-check|uvu)(\/|$)/
const doors = ['index', 'koa', 'express', 'fastify', 'http'].map(
  (name) => `shared/curfew-guard/${name}.ts`,
)

const chain = (leak: string, reached: ReadonlyMap<string, string>): string => {
  const steps = [leak]
  for (let from = reached.get(leak); from; from = reached.get(from)) steps.unshift(from)
  return steps.join(' -> ')
}

/**
 * Each banned package that `root` loads, with the way to it. Types are gone when it runs, so they
 * do not count.
 */
const leaks = (root: string, sources: readonly SourceText[]): string[] => {
  const reached = closureOf([root], byPath(sources), ({ typeOnly }) => !typeOnly)
  return [...reached.keys()].filter((to) => banned.test(to)).map((leak) => chain(leak, reached))
}

claims('the guard’s import closure', {
  'the guard loads no driver, no server and no schema library': () => {
    const sources = sourcesBelow('shared')
    const files = byPath(sources)
    for (const door of doors) {
      assert.ok(files.has(door), `${door} is missing`)
      const found = leaks(door, sources)
      assert.is(found.length, 0, `\n${found.join('\n')}`)
    }
  },

  'a leak is named with the way to it; an import of types is none': () => {
    const sources = [
      {
        path: 'shared/guard/index.ts',
        text: "export { a } from './a.ts'\nimport type K from 'koa'",
      },
      {
        path: 'shared/guard/a.ts',
        text: "import '../kernel/b.ts'\nimport type { C } from './c.ts'",
      },
      { path: 'shared/guard/c.ts', text: "import 'mongodb'" },
      { path: 'shared/kernel/b.ts', text: "const { z } = await import('zod/mini')" },
    ]
    assert.equal(leaks('shared/guard/index.ts', sources), [
      'shared/guard/index.ts -> shared/guard/a.ts -> shared/kernel/b.ts -> zod/mini',
    ])
  },
})
