import fc from 'fast-check'
import { isPassed, passedRoutes } from '../../../../services/console/alone/passed-routes.ts'
import { gatewayRoutes } from '../../../../services/gateway/route-table.ts'
import { sourcesBelow } from '../../../support/project-files.ts'
import { assert, claims } from '../../../support/suite.ts'

const rowsOfGateway = gatewayRoutes.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'get']

const parameter = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }).map((text) => {
    try {
      return encodeURIComponent(text)
    } catch {
      return 'x'
    }
  }),
  fc.constantFrom(
    'a',
    '.',
    '..',
    '%2e%2e',
    '%252e%252E',
    '%2E',
    '%2f',
    '..%2f..',
    '%5c..%5c',
    '%00',
  ),
)
/** What somebody could write who wants to reach more. */
const spoilt = fc.constantFrom<(path: string) => string>(
  ...[
    (path: string) => path,
    (path: string) => `${path}/`,
    (path: string) => `/${path}`,
    (path: string) => path.toUpperCase(),
    (path: string) => `${path}/../users`,
    (path: string) => `${path}/%2e%2e/users`,
    (path: string) => path.replace('/', '/./'),
    (path: string) => path.replace('/', '//'),
    (path: string) => path.replace('/', '\\'),
    (path: string) => `${path};x=1`,
    (path: string) => `${path}#x`,
    (path: string) => `${path}%0d%0a`,
    (path: string) => path.replace('e', '%65'),
    (path: string) => `http://elsewhere.example${path}`,
    (path: string) => `x${path}`,
  ],
)
const drawn = fc
  .record({
    row: fc.constantFrom(...rowsOfGateway),
    method: fc.constantFrom(...methods),
    keeps: fc.boolean(),
    filling: fc.array(parameter, { minLength: 3, maxLength: 3 }),
    spoil: spoilt,
  })
  .map(({ row, method, keeps, filling, spoil }) => {
    const [own = '', path = ''] = row.split(' ')
    let at = 0
    const filled = path.replace(/:[a-z]+/g, () => filling[at++] ?? 'x')
    return { row, method: keeps ? own : method, path: spoil(filled) }
  })

/** The other way round: by one pattern for each row. */
const patterns = passedRoutes.map((row) => {
  const [method = '', path = ''] = row.split(' ')
  const verb = method === 'GET' ? '(?:GET|HEAD)' : method
  return new RegExp(`^${verb} ${path.replace(/:[a-z]+/g, '[^/?#\\\\;]+')}$`)
})
const isOnList = (method: string, path: string): boolean =>
  patterns.some((pattern) => pattern.test(`${method} ${path}`))

const decodedWhole = (text: string): string => {
  let now = text
  for (let depth = 0; depth < 10; depth += 1) {
    const next = now.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
      String.fromCharCode(Number(`0x${hex}`)),
    )
    if (next === now) break
    now = next
  }
  return now
}

const asked =
  /(?:\bask|useAsked|usePages|routeOf|\bat =|route =)[^'`\n]*\(?\s*(?:['`])(\/[^'`]*)['`]/g

claims('what a console alone passes on', {
  'is routes of the gateway, each by its own method': () => {
    assert.equal(
      passedRoutes.filter((row) => !rowsOfGateway.includes(row)),
      [],
    )
    assert.is(new Set(passedRoutes).size, passedRoutes.length)
  },

  'is everything that the page asks for': () => {
    const sources = sourcesBelow('services/console/browser')
    const routes = sources.flatMap(({ text }) => [...text.matchAll(asked)].map(([, at = '']) => at))
    assert.ok(routes.length >= 20, `${routes.length} were found: ${routes}`)
    const missing = routes.filter((route) => {
      const filled = ['x', 'retry', 'held'].map((word) => route.replace(/\$\{[^}]*\}+/g, word))
      return !filled.some((path) => methods.some((method) => isPassed(method, path)))
    })
    assert.equal(missing, [])
  },

  'is nothing else, whatever is written in a path': () => {
    let passed = 0
    fc.assert(
      fc.property(drawn, ({ method, path }) => {
        if (!isPassed(method, path)) return
        passed += 1
        assert.ok(isOnList(method, path), `${method} ${path}`)
        const read = decodedWhole(path)
        assert.not.match(read, /[\0-\x1f\x7f]/)
        assert.equal(
          read.split(/[/\\]/).filter((part) => part === '.' || part === '..'),
          [],
        )
      }),
      { numRuns: 20_000 },
    )
    assert.ok(passed > 200, `${passed} were passed`)
  },

  'is every route of the list with any id that the page writes': () => {
    const id = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !/^\.{1,2}$/.test(text))
    fc.assert(
      fc.property(fc.constantFrom(...passedRoutes), id, (row, text) => {
        if (
          decodedWhole(text)
            .split(/[/\\]/)
            .some((part) => /^\.{1,2}$/.test(part))
        )
          return
        if (text.includes('%')) return
        const [method = '', path = ''] = row.split(' ')
        const written = path.replace(/:[a-z]+/g, () => encodeURIComponent(text))
        assert.ok(isPassed(method, written), `${method} ${written}`)
      }),
    )
  },
})
