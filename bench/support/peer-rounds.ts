import { openPeer, type Peer, type PeerName } from '../peers/peers.ts'
import type { Bench, Row } from '../scenario.ts'
import { ratios } from '../statistics.ts'
import {
  type RefreshLoadWorker,
  type RotatingServer,
  type Round,
  roundOf,
} from './refresh-rounds.ts'
import { warmUp } from './warm-up.ts'

/** A peer, or why it did not run. */
export type PeerRounds = Readonly<{
  name: PeerName
  beside: string
  atLeast: number
  server: RotatingServer | null
  missing: string
  rounds: Round[]
}>

const wanted = [
  {
    name: 'oidc-provider in memory',
    beside: 'oidc-provider from npm, in memory',
    atLeast: 1.1,
  },
  {
    name: 'Simple-JWT on SQLite',
    beside: 'Simple-JWT behind gunicorn on SQLite',
    atLeast: 20,
  },
  {
    name: 'Simple-JWT on PostgreSQL',
    beside: 'Simple-JWT behind gunicorn on PostgreSQL',
    atLeast: 20,
  },
] as const

const warmMs = 1_500

const serverOf = ({ url, dialect, tokens }: Peer): RotatingServer => ({
  ...{ url, dialect, cookies: tokens },
  pid: 0,
})

/** Installs and starts the peers, and warms each up. One that cannot be had is said aloud. */
export const openPeers = async (
  { parts, say, quick, withPeers }: Bench,
  load: RefreshLoadWorker,
  connections: number,
): Promise<readonly PeerRounds[]> => {
  const opened: PeerRounds[] = []
  for (const one of withPeers ? wanted : []) {
    say(`${one.name}: installing it at the first use, starting it`)
    const peer = await openPeer(one.name, { parts, sessions: connections })
    if ('missing' in peer) {
      say(`\n!!! NOT RUN: ${one.name}: ${peer.missing}\n`)
      opened.push({ ...one, server: null, missing: peer.missing, rounds: [] })
      continue
    }
    const server = serverOf(peer)
    const round = async () => (await roundOf(load, server, connections, warmMs)).perSecond
    await (quick ? round() : warmUp(round))
    opened.push({ ...one, server, missing: '', rounds: [] })
  }
  return opened
}

export const playPeers = async (
  load: RefreshLoadWorker,
  peers: readonly PeerRounds[],
  connections: number,
  ms: number,
): Promise<void> => {
  for (const { server, rounds } of peers) {
    if (server) rounds.push(await roundOf(load, server, connections, ms))
  }
}

/** Each peer's rate, and Curfew’s beside it. */
export const peerRows = (
  command: string,
  ownRate: readonly number[],
  peers: readonly PeerRounds[],
): Row[] =>
  peers.flatMap(({ name, beside, atLeast, server, missing, rounds }): Row[] => {
    const rates = rounds.map(({ perSecond }) => perSecond)
    const absent = server ? {} : { notRun: missing }
    return [
      { measure: name, unit: 'per s', repeats: rates, ...absent },
      {
        ...{ measure: `Curfew / ${name}`, unit: '×', command, beside, target: { atLeast } },
        repeats: server ? ratios(ownRate, rates) : [],
        ...absent,
      },
      {
        ...{ measure: `${name}: latency p99`, unit: 'ms', ...absent },
        repeats: rounds.map(({ p99Ms }) => p99Ms),
      },
    ]
  })
