import { join } from 'node:path'
import { openLmdb } from '../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { startThreadWriter } from '../../shared/adapters/lmdb/environment/starting-writer.ts'
import { lmdbBlacklistView } from '../../shared/adapters/lmdb/views/blacklist-view.ts'
import { lmdbSessionList } from '../../shared/adapters/lmdb/views/session-list.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import { lmdbContent, putAllS } from '../baseline/lmdb-puts.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { ratios } from '../statistics.ts'
import { eventLogOf } from '../support/event-log-of.ts'
import { paragraph } from '../support/paragraph.ts'
import { projectedS } from '../support/projected.ts'
import { tempFolder } from '../support/temp-folder.ts'

const events = 400_000
const quickEvents = 20_000
const putShareMin = 0.6
const eventsPerSecondMin = 200_000
const databases = [
  ...['view', 'view.expiring'],
  ...['sessions', 'sessions.started', 'sessions.expiring'],
]

const rebuildS = async (bench: Bench, log: EventLog, path: string): Promise<number> => {
  // As a service opens it.
  const openWriter = startThreadWriter
  const env = await openLmdb({ path, clock: bench.clock, logger, openWriter })
  try {
    const views = { view: lmdbBlacklistView(env), sessions: lmdbSessionList(env) }
    return await projectedS(bench, log, views)
  } finally {
    await env.close()
  }
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { parts, quick, repeats, say } = bench
  const count = quick ? quickEvents : events
  const { path } = await parts.use(await tempFolder())
  const log = await eventLogOf(bench, path, count)
  const [rebuilt, put]: [number[], number[]] = [[], []]
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    const views = join(path, `views-${repeat}`)
    rebuilt.push(count / (await rebuildS(bench, log, views)))
    const content = await lmdbContent(views, databases)
    put.push(count / (await putAllS(join(path, `puts-${repeat}`), content)))
    const told = [rebuilt, put].map((all) => Math.round(all.at(-1) ?? 0)).join(', ')
    say(`repeat ${repeat}: rebuilt, put: ${told} events a second`)
  }
  const command = 'rebuild of the views from the log, embedded'
  return {
    rows: [
      {
        ...{ measure: 'rebuilt: events', unit: 'per s', repeats: rebuilt, command },
        target: { atLeast: eventsPerSecondMin },
      },
      { measure: 'LMDB’s puts of what came of them: events', unit: 'per s', repeats: put },
      {
        ...{ measure: 'rebuilt / put', unit: '×', repeats: ratios(rebuilt, put), command },
        ...{ beside: 'LMDB’s batched puts of the same entries', target: { atLeast: putShareMin } },
      },
    ],
    notes: [
      paragraph(
        `${count} events in the embedded log: sessions that rotate ten times, each rotation told`,
        'by two events. A projector reads, decodes and folds them into an empty blacklist and an',
        'empty session list, up to 20,000 records in a durable transaction, by a thread of its',
        'own.',
      ),
      paragraph(
        'Beside it stands what an import of the finished views takes: every entry that lies in',
        'them afterwards, put once, in durable transactions of 10,000. It reads no log, decodes',
        'nothing, and merges nothing.',
      ),
    ],
  }
}

export const rebuildEmbedded: Scenario = {
  name: 'rebuild-embedded',
  claim: paragraph(
    `Views are rebuilt from the log at ${eventsPerSecondMin.toLocaleString('en')} events a second,`,
    `${putShareMin} × as fast as LMDB takes the finished entries.`,
  ),
  needs: [],
  measure,
}
