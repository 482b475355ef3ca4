import type { FeedSink, RevocationFeed } from '../../../shared/ports/revocation-feed.ts'
import { notRun } from '../../support/not-run.ts'
import { isMissing, useServers } from '../../support/servers/servers.ts'
import { assert, claims } from '../../support/suite.ts'
import { coverage, playMatrix } from './doors-matrix-claims.ts'

/** A feed that loses the cutoffs of clients. */
const withoutClients = (feed: RevocationFeed): RevocationFeed => ({
  open: (sink: FeedSink) =>
    feed.open({
      ...sink,
      onItems: (items) =>
        sink.onItems(
          items.filter(
            (item) => item.kind !== 'revocation' || !item.revocation.key.startsWith('client:'),
          ),
        ),
    }),
  close: () => feed.close(),
})

const { mongo } = await useServers(['mongo'])

if (isMissing(mongo)) {
  notRun('the matrix of doors', mongo.missing)
} else {
  claims('all doors', {
    'agree at one position, in 10,000 cases of tokens and states': async () => {
      const plan = { seed: 'doors', users: 400, rounds: 10, cases: 1_000 }
      const { drawn, wrong } = await playMatrix(mongo.url, plan)
      assert.is(wrong.length, 0, wrong.slice(0, 10).join('\n'))
      assert.is(drawn.length, 10_000)
      for (const [what, count] of coverage(drawn)) assert.ok(count >= 100, `${what}: ${count}`)
    },

    'do not, once one of them loses the cutoffs of clients': async () => {
      const plan = { seed: 'hurt', users: 150, rounds: 2, cases: 400, hurt: withoutClients }
      const { wrong } = await playMatrix(mongo.url, plan)
      assert.ok(wrong.length >= 5, `${wrong.length} cases were seen`)
      const others = wrong.filter((what) => !/: guard: yes of a bearer .+, ended true$/.test(what))
      assert.equal(others, [])
    },
  })
}
