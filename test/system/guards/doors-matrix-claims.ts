import { Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import type { RevocationFeed } from '../../../shared/ports/revocation-feed.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { type Door, type Doors, openDoors, type Said } from '../../support/worlds/matrix-doors.ts'
import { type Drawn, draw, type TokenKind, tokenKinds } from '../../support/worlds/matrix-draw.ts'
import { MatrixSessions, type Way } from '../../support/worlds/matrix-sessions.ts'

type Answers = Readonly<Record<Door, Said>>

const nobody: Answers = {
  guard: 'no',
  'guard on SSE': 'no',
  'forward-auth': 'no',
  introspection: 'no',
  verify: 'no',
  view: 'unlisted',
  'status list': 'no',
}
const everybody: Answers = {
  guard: 'yes',
  'guard on SSE': 'yes',
  'forward-auth': 'yes',
  introspection: 'yes',
  verify: 'yes',
  view: 'unlisted',
  'status list': 'yes',
}

/**
 * What each door says of a token whose session goes on. Three things by design:
 * - Guards and forward-auth let nobody in with a refresh token. Introspection tells of it only to
 *   who hints at one (`hinted`); `verify` judges every kind, as Simple-JWT's view does.
 * - The view knows neither signature, time nor audience, so a token that is none is `unlisted`:
 *   its reader verified it before.
 * - A rotated refresh token is listed under its own `jti`.
 */
const whileItLives: Readonly<Record<TokenKind, Answers>> = {
  bearer: everybody,
  'current refresh': { ...nobody, introspection: 'yes', verify: 'yes' },
  'rotated refresh': { ...nobody, view: 'listed' },
  'expired bearer': nobody,
  'expired refresh': nobody,
  'cut signature': nobody,
  'signed by another key': nobody,
  'for another audience': nobody,
  'of another issuer': nobody,
}

/** Whatever the token is: no door lets it in, and the view lists what it names. */
const onceEnded: Answers = { ...nobody, view: 'listed' }

/** They read requests; the others are handed a token. */
const readers: readonly Door[] = ['guard', 'guard on SSE', 'forward-auth']

const expected = ({ kind, ended, hinted, shown }: Drawn, door: Door): Said => {
  if (shown.speaks === 'nobody' && readers.includes(door)) return 'no'
  if (ended) return onceEnded[door]
  if (kind === 'current refresh' && door === 'introspection' && !hinted) return 'no'
  return whileItLives[kind][door]
}

const env = {
  CURFEW_STATUS_LIST: 'true',
  CURFEW_AUTH_TOKEN_CLASSES: 'access,sliding',
  CURFEW_ACCESS_TOKEN_LIFETIME: '1h',
  CURFEW_SLIDING_TOKEN_LIFETIME: '1h',
  CURFEW_REFRESH_GRACE_PERIOD: '0s',
  CURFEW_SERVICE_CLIENTS: 'tests:a-secret-of-the-tests:introspect+revoke+users',
}

const often: readonly Way[] = [
  'logout',
  'session',
  'token',
  'subject',
  'others',
  'blacklisted',
  'reuse',
  'disabled',
  'password',
]
const atOnce = 25

export type Plan = Readonly<{
  seed: string
  users: number
  rounds: number
  /** Cases a round. */
  cases: number
  /** Between the log and the guard in this process. */
  hurt?: (feed: RevocationFeed) => RevocationFeed
}>

/** The drawn cases, and every one of them in which a door did not say what the rules say. */
export type Outcome = Readonly<{ drawn: readonly Drawn[]; wrong: readonly string[] }>

/** Cutoffs of all come seldom: they leave nothing to tell the others apart by. */
const changeState = async (all: MatrixSessions, dice: Dice, round: number): Promise<void> => {
  await all.open(100)
  await all.renew(60)
  for (let done = 0; done < 30; done += 1) await all.end(dice.pick(often))
  if (round % 2 === 1) await all.end('client')
  if (round % 5 === 4) {
    await all.end('all')
    await all.open(150)
    await all.renew(40)
    for (const way of often) await all.end(way)
  }
}

const wrongIn = async (doors: Doors, drawn: Drawn, position: string): Promise<string[]> => {
  const asked = Object.entries(doors.asks) as [Door, Doors['asks'][Door]][]
  const answers = await Promise.all(
    asked.map(async ([door, ask]) => [door, await ask(drawn, position)] as const),
  )
  return answers
    .filter(([door, said]) => said !== expected(drawn, door))
    .map(([door, said]) => {
      const { kind, ended, shown } = drawn
      return `${door}: ${said} of a ${kind} ${shown.name}, ended ${ended}`
    })
}

const playRounds = async (
  world: World,
  doors: Doors,
  { seed, users, rounds, cases }: Plan,
): Promise<Outcome> => {
  const dice = new Dice(seed)
  const all = new MatrixSessions(world, dice)
  await all.addUsers(users)
  await all.open(3 * users)
  const [drawn, wrong]: [Drawn[], string[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    await changeState(all, dice, round)
    await doors.settled()
    const { position } = all
    if (position === null) throw new Error('no answer told a position')
    for (let done = 0; done < cases; done += atOnce) {
      const some = Array.from({ length: atOnce }, () => draw(world, dice, all))
      drawn.push(...some)
      const found = await Promise.all(some.map((one) => wrongIn(doors, one, position)))
      wrong.push(...found.flat().map((what) => `seed ${seed}, round ${round}: ${what}`))
    }
  }
  return { drawn, wrong }
}

/**
 * Draws tokens of every kind out of a world whose sessions end in every way, and asks all doors.
 * Each round changes the state, waits until its last position is known everywhere, and asks there.
 */
export const playMatrix = async (mongoUrl: string, plan: Plan): Promise<Outcome> => {
  let outcome: Outcome = { drawn: [], wrong: [] }
  await inWorld({ env }, async (world) => {
    const parts = new Lifecycle()
    try {
      const doors = await openDoors(world, mongoUrl, parts, plan.hurt)
      outcome = await playRounds(world, doors, plan)
    } finally {
      await parts.close()
    }
  })
  return outcome
}

/** Cases by kind and by whether what the token names was ended: a matrix with holes proves less. */
export const coverage = (drawn: readonly Drawn[]): ReadonlyMap<string, number> => {
  const counts = new Map(
    tokenKinds.flatMap((kind) => [true, false].map((ended) => [`${kind}, ended ${ended}`, 0])),
  )
  for (const { kind, ended } of drawn) {
    const key = `${kind}, ended ${ended}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}
