import { importsOf } from '../support/import-graph.ts'
import type { SourceText } from '../support/project-files.ts'

/** An import breaks a rule when `from` and `mustNot` match it, and no exception does. */
export type BoundaryRule = Readonly<{
  why: string
  from: RegExp
  /** Matched against the path of the file meant, or the name of the package. */
  mustNot: RegExp
  /** Matched against `from -> to`. */
  except?: RegExp
  /** As `except`, for imports that are gone when the types are. */
  exceptTypes?: RegExp
}>

const anything = /./
const roots = String.raw`services/(?:[^/]+/main\.ts|orders/open-feed\.ts|embedded/\S+|cli/\S+)`
const openers = String.raw`shared/(?:backends/open-[a-z]+|guard-kafka/[a-z-]+-worker)\.ts`

const adapterSees =
  /adapters\/([^/]+)\/\S+ -> shared\/(kernel|events|ports|adapters\/(memory|audit-chunks|\1))\//

const layers: readonly BoundaryRule[] = [
  {
    why: 'the kernel speaks the words of every part, so it knows none of them',
    from: /^shared\/kernel\//,
    mustNot: anything,
    except: new RegExp(
      '-> (shared/kernel/|node:)|/pino-\\S+ -> pino$' +
        '|/(config|process-settings|schema-fault)\\.ts -> zod$',
    ),
  },
  {
    why: 'events are history: they stand on the kernel alone',
    from: /^shared\/events\//,
    mustNot: anything,
    except: /-> (shared\/(kernel|events)\/|node:crypto$|zod$)/,
  },
  {
    why: 'the domain is pure: it sees events and the kernel, no I/O',
    from: /^shared\/session\//,
    mustNot: anything,
    except: /-> shared\/(kernel|events|session)\//,
  },
  {
    why: 'tokens are read by every service, so they carry only jsonwebtoken along',
    from: /^shared\/tokens\//,
    mustNot: anything,
    except: /-> (shared\/(kernel|tokens)\/|node:|jsonwebtoken$)/,
    exceptTypes: /-> shared\/events\//,
  },
  {
    why: 'a port is a promise: types and nothing that runs',
    from: /^shared\/ports\//,
    mustNot: anything,
    exceptTypes: /-> shared\/(kernel|events|ports)\//,
  },
  {
    why: 'the guard lives in other people’s services: only words, tokens, proofs and port types',
    from: /^shared\/guard\//,
    mustNot: anything,
    except: /-> (shared\/(kernel|tokens|tlog|trail-heads|guard)\/|node:)/,
    exceptTypes: new RegExp(
      '-> shared/(ports/|events/(revocation-record|record-mac)[.]ts)' +
        '|/(?<n>koa|fastify)[.]ts -> \\k<n>$',
    ),
  },
  {
    why: 'the host of a thread loads no client of the log; what runs inside does',
    from: /^shared\/guard-kafka\//,
    mustNot: anything,
    except: new RegExp(
      '-> (shared/(kernel|tokens|guard-kafka)/|node:)' +
        '|-worker[.]ts -> shared/adapters/(kafka|log)',
    ),
    exceptTypes: /-> shared\/(ports\/|events\/(revocation-record|record-mac)\.ts)/,
  },
  {
    why: 'the package is doors to the guard, and nothing behind them',
    from: /^shared\/curfew-guard\//,
    mustNot: anything,
    except: new RegExp(
      '-> shared/(guard/(index|middleware/(koa|express|fastify|http))' +
        '|guard-kafka/kafka-revocation-feed)[.]ts$',
    ),
  },
  {
    why: 'orders is another team’s service: it has the guard by the name of its package',
    from: /^services\/orders\//,
    mustNot: /^shared\/(curfew-guard|guard|guard-kafka)\//,
  },
  {
    why: 'adapters see ports, events, the kernel, memory, their model, and what indexes chunks',
    from: /^shared\/adapters\//,
    mustNot: /^(shared|services|test|bench)\//,
    except: adapterSees,
  },
  {
    why: 'shared code is shared: it knows no service',
    from: /^shared\//,
    mustNot: /^services\//,
  },
  {
    why: 'what ships knows neither tests nor benchmarks',
    from: /^(shared|services)\//,
    mustNot: /^(test|bench|\.ci)\//,
  },
]

const composition: readonly BoundaryRule[] = [
  {
    why: 'only composition roots choose adapters; everybody else is given a port',
    from: /^(shared|services)\//,
    mustNot: /^shared\/adapters\//,
    except: new RegExp(`^(${roots}|${openers}|shared/adapters/\\S+) ->`),
  },
  {
    why: 'only composition roots open backends; everybody else is given a port',
    from: /^(shared|services)\//,
    mustNot: /^shared\/backends\/(?!(?:config|directory-settings)\.ts$)/,
    except: new RegExp(`^(${roots}|shared/backends/\\S+) ->`),
  },
]

/** A package, and the only place of what ships that may know it. */
const driver = (name: string, home: string, why: string): BoundaryRule => ({
  why,
  from: /^(shared|services)\//,
  mustNot: new RegExp(`^${name}(/|$)`),
  except: new RegExp(`^${home}\\S* ->`),
})

const packages: readonly BoundaryRule[] = [
  driver('kafkajs', 'shared/adapters/kafka/', 'kafkajs is dormant: it stays behind one folder'),
  driver('mongodb', 'shared/adapters/mongo/', 'a driver is known to its adapter only'),
  driver(
    'rate-limiter-flexible',
    'shared/adapters/mongo/',
    'a driver is known to its adapter only',
  ),
  driver(
    '@opentelemetry/api',
    'shared/tracing/',
    'traces are the team’s own: what a process says of itself is said in one folder',
  ),
  driver('prom-client', 'shared/metrics/', 'what is counted is said in words of our own'),
  driver('lmdb', 'shared/adapters/lmdb/', 'a driver is known to its adapter only'),
  driver(
    'jsonwebtoken',
    'shared/tokens/',
    'tokens are signed and verified behind a strict pre-parser',
  ),
  driver('hyparquet-writer', 'services/auditor/export-formats/', 'a format is known to one folder'),
  driver('curfew-guard', 'services/orders/', 'Curfew’s own parts know the guard by its files'),
  driver('(preact|@preact/signals)', 'services/console/browser/', 'browsers alone draw pages'),
  driver(
    'esbuild',
    '(shared/typescript|services/console/serving)/',
    'what builds is no part of what runs',
  ),
  driver('tsx', 'shared/typescript/', 'Node runs TypeScript where it can: tsx has one home'),
  {
    why: 'HTTP is translated in the services; the guard names frameworks as types only',
    from: /^(shared|services)\//,
    mustNot: /^(koa|@koa\/router|helmet|express|fastify)(\/|$)/,
    except:
      /^(services\/(gateway|console|orders|projector|auditor|witness)\/|shared\/http\/)\S+ ->/,
    exceptTypes: /^shared\/guard\/middleware\/(koa|fastify)\.ts -> \1$/,
  },
  {
    why: 'uvu is believed by its counts only: tests import `claims` from test/support/suite.ts',
    from: anything,
    mustNot: /^uvu(\/|$)/,
    except: /^test\/(support\/(suite|child)\.ts|fixtures\/\S+) ->/,
  },
]

const compositionRoots = ['embedded', 'cli']
const serviceOf = (path: string): string => /^services\/([^/]+)\//.exec(path)?.[1] ?? ''

/** A service is started alone: it knows no other one. */
const betweenServices = (sources: readonly SourceText[]): BoundaryRule[] =>
  [...new Set(sources.map(({ path }) => serviceOf(path)))]
    .filter((service) => service !== '' && !compositionRoots.includes(service))
    .map((service) => ({
      why: 'each service is started alone: what two need lies in shared/',
      from: new RegExp(`^services/${service}/`),
      mustNot: new RegExp(`^services/(?!${service}/)`),
      // The gateway serves the console, whose pages are typed by what its routes answer.
      except: /^services\/gateway\/\S+ -> services\/console\/index\.ts$/,
      exceptTypes: /^services\/console\/browser\/\S+ -> services\/gateway\/answers\.ts$/,
    }))

export const boundaryRules: readonly BoundaryRule[] = [...layers, ...composition, ...packages]

/** Every broken rule as `from -> to: why`. */
export const brokenBoundaries = (sources: readonly SourceText[]): string[] => {
  const rules = [...boundaryRules, ...betweenServices(sources)]
  return sources.flatMap((source) =>
    importsOf(source).flatMap(({ to, typeOnly }) => {
      const edge = `${source.path} -> ${to}`
      return rules
        .filter(({ from, mustNot }) => from.test(source.path) && mustNot.test(to))
        .filter(({ except }) => !except?.test(edge))
        .filter(({ exceptTypes }) => !(typeOnly && exceptTypes?.test(edge)))
        .map(({ why }) => `${edge}: ${why}`)
    }),
  )
}
