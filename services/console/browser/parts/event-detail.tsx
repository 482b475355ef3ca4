import type { AuditEventBody } from '../../../gateway/answers.ts'
import { exactly } from '../model/clock.ts'
import { Copy, Id } from './id.tsx'

/** Members of events that are ids of something that events are asked by. */
const kinds: Readonly<Record<string, string>> = {
  ...{ sub: 'user', sid: 'session', jti: 'token', replaces: 'token', client: 'client' },
  ...{ address: 'address' },
}
const keyKinds: Readonly<Record<string, string>> = {
  ...{ sub: 'user', sid: 'session', jti: 'token', client: 'client' },
}

/** `sub:` and an id, as the keys of revocations are. */
const keyOf = (text: string): readonly [kind: string, id: string] | null => {
  const colon = text.indexOf(':')
  const kind = keyKinds[text.slice(0, colon)]
  return kind === undefined ? null : [kind, text.slice(colon + 1)]
}

const isMs = (name: string): boolean => /(?:At|^from|^to|^before|^since|^until)$/.test(name)
const isSeconds = (name: string): boolean => name === 'iat' || name === 'exp'

const Value = ({ name, value }: Readonly<{ name: string; value: unknown }>) => {
  if (value === null || value === undefined) return <span class="quiet">–</span>
  if (typeof value === 'number') {
    if (isSeconds(name)) return <time>{exactly(value * 1_000)}</time>
    return isMs(name) ? <time>{exactly(value)}</time> : <>{String(value)}</>
  }
  if (typeof value !== 'string') return <code>{JSON.stringify(value)}</code>
  const keyed = name === 'key' ? keyOf(value) : null
  const kind = keyed?.[0] ?? kinds[name]
  return kind === undefined ? <>{value}</> : <Id kind={kind} id={keyed?.[1] ?? value} isWhole />
}

/** All that an event says. */
export const EventDetail = ({ event }: Readonly<{ event: AuditEventBody }>) => {
  const { id, time, type, actor, request, data } = event
  const facts: readonly (readonly [string, unknown])[] = [
    ['type', type],
    ['time', time],
    ...Object.entries(data).filter(([name]) => name !== 'actor'),
    ['request', request],
    ['id', id],
  ]
  return (
    <div class="detail">
      <dl>
        {actor !== null && (
          <div>
            <dt>by</dt>
            <dd>
              {actor.by} <Id kind="actor" id={actor.id} isWhole />
            </dd>
          </div>
        )}
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Value name={name} value={value} />
            </dd>
          </div>
        ))}
      </dl>
      <p class="command">
        <code>curfew audit show {id}</code>
        <Copy text={`curfew audit show ${id}`} what="the command" />
        <Copy text={JSON.stringify(event, null, 2)} what="the event as JSON" />
      </p>
    </div>
  )
}
