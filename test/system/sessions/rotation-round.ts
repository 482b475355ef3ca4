import { type Commit, isSliding } from '../../../shared/events/commit.ts'
import { sessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import { copyOf, type Jar } from '../../support/processes/browser.ts'
import type { Answer } from '../../support/requests/http-send.ts'
import { race } from '../../support/until.ts'
import { jarOfAnswer, pairIn, type SeenPair, sidIn } from '../../support/views/seen-tokens.ts'
import type { World } from '../../support/worlds/gateway-world.ts'

const distinct = (values: readonly unknown[]): number =>
  new Set(values.map((value) => JSON.stringify(value))).size

const inStream = (commits: readonly Commit[], presented: SeenPair, seen: SeenPair): string[] => {
  const found: string[] = []
  if (commits.length !== 1) found.push(`the store holds ${commits.length} commits of this round`)
  const ended = commits.flatMap(({ events }) =>
    events.filter(({ type, data }) => type === 'TokenRevoked' && data.reason === 'rotated'),
  )
  if (ended.length !== 1) found.push(`the token was ended ${ended.length} times`)
  const session = commits.at(-1)?.session
  const current = session && !isSliding(session) ? session.current.token.jti : null
  if (current !== seen.refresh.jti) found.push('the store names another successor')
  if (seen.refresh.jti === presented.refresh.jti) found.push('the token succeeds itself')
  return found
}

const inAnswers = (answers: readonly Answer[], pairs: readonly (SeenPair | null)[]): string[] => {
  const found: string[] = []
  const statuses = answers.map(({ status }) => status).filter((status) => status !== 200)
  if (statuses.length > 0) found.push(`answered ${[...new Set(statuses)].join()}`)
  if (pairs.includes(null)) found.push('an answer holds no good pair')
  const successors = distinct(pairs.map((pair) => pair?.refresh))
  if (successors !== 1) found.push(`${successors} refresh tokens succeed one`)
  const accesses = distinct(pairs.map((pair) => pair?.access))
  if (accesses !== 1) found.push(`${accesses} access tokens come with it`)
  return found
}

export type Round = Readonly<{ violations: readonly string[]; next: Jar }>

/**
 * I1, once: `fanOut` callers present one refresh token in one turn, spread over all gateways. What
 * is not as I1 says, and the jar of the successor.
 */
export const rotationRound = async (world: World, jar: Jar, fanOut: number): Promise<Round> => {
  const { gateways, rooms } = world
  const presented = pairIn(rooms, jar)
  if (!presented) return { violations: ['the presented token is not good'], next: jar }
  const stream = sessionStream(sessionId(sidIn(rooms, jar)))
  const answers = await race(fanOut, (index) => {
    const gateway = gateways[index % gateways.length] ?? world
    return gateway.refresh(copyOf(jar))
  })
  const jars = answers.map(jarOfAnswer)
  const pairs = jars.map((one) => pairIn(rooms, one))
  const violations = inAnswers(answers, pairs)
  const [next = jar] = jars
  const [seen] = pairs
  // Read through a gateway's own store: a faulty one keeps its sessions where only it finds them.
  const commits = await rooms.context.store.read(stream, presented.refresh.ver + 1, fanOut * 2)
  if (seen) violations.push(...inStream(commits, presented, seen))
  const { status } = await (gateways.at(-1) ?? world).me(copyOf(next))
  if (status !== 200) violations.push(`the successor is refused with ${status}`)
  return { violations, next }
}

/**
 * So many rounds, each with the successor of the one before; the rounds that violate I1, and why.
 */
export const rotationRounds = async (
  world: World,
  rounds: number,
  fanOut: number,
): Promise<readonly string[]> => {
  let jar = await world.open(await world.addUser())
  const violations: string[] = []
  for (let round = 0; round < rounds; round += 1) {
    const done = await rotationRound(world, jar, fanOut)
    violations.push(...done.violations.map((violation) => `round ${round}: ${violation}`))
    jar = done.next
  }
  const last = await world.refresh(jar)
  if (last.status !== 200) violations.push(`the last successor is answered ${last.status}`)
  return violations
}
