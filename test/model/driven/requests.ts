import { setPassword } from '../../../services/gateway/accounts/change-account.ts'
import { endSessionById } from '../../../services/gateway/revocations/append-revocation.ts'
import { deliver } from '../../../services/gateway/revocations/deliver-revocation.ts'
import { login } from '../../../services/gateway/sessions/login.ts'
import { refresh } from '../../../services/gateway/sessions/refresh.ts'
import { openPair } from '../../../services/gateway/sessions/session-openers.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { RefreshClaims } from '../../../shared/tokens/claims.ts'
import { appendAndDeliverCutoff } from '../../support/worlds/delivered-changes.ts'
import type { Actor, Side, Touches } from './calls.ts'
import type { Fleet } from './fleet.ts'
import type { History } from './history.ts'
import { newPassword, oldPassword, premises, sharedRooms } from './premises.ts'
import type { Scheduler } from './scheduler.ts'

export type Run = Readonly<{ fleet: Fleet; history: History }>

/** Something that happens once, at a gateway, at any moment. */
export type Task = Readonly<{
  name: string
  gateway: Side
  kind: Actor['kind']
  may: Touches
  run: (run: Run, actor: Actor) => Promise<void>
}>

const revocationMay = ['due', 'others', 'tick', 'own']
const reads = ['session', 'subject', 'tokens', 'cutoffs of others', 'time', 'grace', 'tick']
const marks = ['marks of session', 'marks of subject', 'marks of tokens']
const foreign = ['marks of cutoffs of others', 'marks of own', 'own']
const readable = [...reads, ...marks, ...foreign, 'users', 'names']

type Writes = readonly ('session' | 'subject' | 'users')[]
const mayWrite = (writes: Writes): Touches => ({
  reads: readable,
  writes: [...revocationMay, ...writes],
})

const arrives = <T>(scheduler: Scheduler, actor: Actor, seen: () => T): Promise<T> =>
  scheduler.call<T>(actor, {
    label: 'arrives',
    matters: true,
    reads: ['time'],
    ways: [{ name: '', run: seen }],
    shown: (found) => JSON.stringify(found),
  })

const claimsOf = (token: string, at: EpochMs): RefreshClaims => {
  const verified = sharedRooms.tokens.issuer.verifyRefresh(token, at)
  if (!verified.ok) throw new Error('a token of the gateway is not good')
  return verified.claims
}

/** A tab that refreshes with the newest token that it was given. */
export const refreshes = (name: string, gateway: Side, times: number): Task => ({
  name,
  gateway,
  kind: 'request',
  may: mayWrite(['session']),
  run: async ({ fleet, history }, actor) => {
    const { scheduler } = fleet
    const parts = fleet.gateways[gateway].rooms(actor)
    let { token } = premises
    for (let turn = 0; turn < times; turn += 1) {
      const seen = () => ({ at: scheduler.now(), gone: history.isGone() })
      const { at, gone } = await arrives(scheduler, actor, seen)
      const claims = claimsOf(token, at)
      history.asks(actor, { claims, arrival: at, gone })
      const request = { claims, token, origin: noOrigin, arrival: at }
      const result = await refresh(parts, request).catch((error: Error) => {
        history.refused(actor, error.message)
        return null
      })
      if (result?.outcome === 'refreshed') {
        token = result.tokens.refresh.token
        history.refreshed(actor, claimsOf(token, scheduler.now()).jti)
      } else if (result) history.refused(actor, result.outcome)
    }
  },
})

export const logsOut = (name: string, gateway: Side): Task => ({
  name,
  gateway,
  kind: 'request',
  may: mayWrite(['session']),
  run: async ({ fleet, history }, actor) => {
    const parts = fleet.gateways[gateway].rooms(actor)
    const { session } = premises.first
    if (!session) return
    const end = { sid: session.sid, reason: 'logout', origin: noOrigin } as const
    const { outcome } = await endSessionById(parts, end)
    if (outcome === 'ended') history.loggedOut(fleet.scheduler.now())
  },
})

export const revokesAll = (name: string, gateway: Side): Task => ({
  name,
  gateway,
  kind: 'request',
  may: mayWrite(['subject']),
  run: async ({ fleet, history }, actor) => {
    const parts = fleet.gateways[gateway].rooms(actor)
    const { sub } = premises.user
    const target = { scope: 'subject', sub } as const
    await appendAndDeliverCutoff(parts, { target, reason: 'logout_all', origin: noOrigin })
    const newest = await fleet.store.heads([`u/${sub}`])
    history.cutOff(newest[0]?.cutoff ?? -1, fleet.scheduler.now(), [])
  },
})

/** An administrator, or the user, sets another password: it ends every session. */
export const changesPassword = (name: string, gateway: Side): Task => ({
  name,
  gateway,
  kind: 'request',
  may: mayWrite(['subject', 'users']),
  run: async ({ fleet, history }, actor) => {
    const { scheduler } = fleet
    const parts = fleet.gateways[gateway].rooms(actor)
    const before = await arrives(scheduler, actor, () => [...history.logins])
    const commit = await setPassword(parts, premises.user.sub, newPassword)
    await deliver(parts, commit)
    history.cutOff(commit.cutoff, scheduler.now(), before)
  },
})

export const logsIn = (name: string, gateway: Side, password: 'old' | 'new'): Task => ({
  name,
  gateway,
  kind: 'request',
  may: mayWrite(['subject', 'users']),
  run: async ({ fleet, history }, actor) => {
    const { scheduler } = fleet
    const parts = fleet.gateways[gateway].rooms(actor)
    const seen = () => ({
      at: scheduler.now(),
      after: Math.max(-1, ...history.cutoffs.map(({ least }) => least)),
    })
    const { at, after } = await arrives(scheduler, actor, seen)
    const request = {
      username: premises.user.username,
      password: password === 'old' ? oldPassword : newPassword,
      origin: noOrigin,
      arrival: at,
    }
    const result = await login(parts, request, openPair)
    if (result.outcome !== 'opened') return
    const { sid } = claimsOf(result.tokens.refresh.token, scheduler.now())
    history.loggedIn({ sid, password, after })
  },
})

/** Runs of a gateway's relay, one after another; each fails as it may. */
export const relays = (name: string, gateway: Side, runs = 1): Task => ({
  name,
  gateway,
  kind: 'relay',
  may: { reads: ['log', 'due', 'others', 'tick', 'time'], writes: ['log', 'tick', 'time'] },
  run: async ({ fleet }, actor) => {
    for (let turn = 0; turn < runs; turn += 1) {
      await fleet.gateways[gateway].relay(actor).catch((error: Error) => {
        actor.trail += `!${error.message}`
      })
    }
  },
})
