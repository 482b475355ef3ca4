import { useEffect, useState } from 'preact/hooks'
import type { AuditPageBody, GuardBody } from '../../../gateway/answers.ts'
import { ask } from '../model/ask.ts'
import { exactly, timeWithMs } from '../model/clock.ts'
import type { Target } from '../model/ending.ts'
import { isEnd } from '../model/event-words.ts'
import { counted } from '../model/format.ts'
import { useAsked } from '../model/use-asked.ts'

type Ended = Readonly<{ target: Target; id: string | null; since: number }>
type Props = Ended & Readonly<{ onClose: () => void }>

const askEveryMs = 400
const names = { session: 'session', subject: 'user', client: 'client', all: null } as const

/** When it ended, by the clock of the store: the newest event of such an end. */
const endedAt = async ({ target: { scope }, id, since }: Ended): Promise<number | null> => {
  const name = names[scope]
  const named = name !== null && id !== null ? { [name]: id } : {}
  const query = { kind: 'TokenRevoked', limit: '20', ...named }
  const answer = await ask<AuditPageBody>('/audit/events', { query })
  if (!answer.ok) return null
  const found = answer.body.events
    .filter((event) => isEnd(event) && (scope === 'session' || event.data['scope'] === scope))
    .map(({ data }) => Number(data['revokedAt']))
    .find((at) => at >= since)
  return found ?? null
}

const useEndedAt = (ended: Ended): number | null => {
  const [at, setAt] = useState<number | null>(null)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async (): Promise<void> => {
      const found = await endedAt(ended)
      if (found !== null) setAt(found)
      else timer = setTimeout(look, askEveryMs)
    }
    void look()
    return () => clearTimeout(timer)
  }, [])
  return at
}

type Guards = Readonly<{ guards: readonly GuardBody[] }>

/** The guards one by one, each as soon as it has heard of everything up to the end. */
export const RefusalWatch = ({ onClose, ...ended }: Props) => {
  const at = useEndedAt(ended)
  const { body } = useAsked<Guards>('/guards', { everyMs: askEveryMs })
  const guards = body?.guards ?? []
  const refuses = ({ closed_time: closed }: GuardBody): boolean =>
    at !== null && closed !== null && closed >= at
  const done = guards.filter(refuses).length
  return (
    <div class="watch">
      <p role="status">
        {at === null ? (
          'It ended, and the log has it.'
        ) : (
          <time title={exactly(at)}>Ended at {timeWithMs(at)}.</time>
        )}{' '}
        {done} of {counted(guards.length, 'guard')} {done === 1 ? 'refuses' : 'refuse'}.
      </p>
      <ul class="guards">
        {guards.map((guard) => (
          <li
            key={guard.instance}
            class={refuses(guard) ? 'good' : 'waiting'}
            data-guard={guard.instance}
          >
            <strong>{guard.name}</strong>
            <code class="quiet">{guard.instance.slice(0, 6)}</code>
            <span class="state">
              {refuses(guard)
                ? `refuses, heard ${timeWithMs(guard.closed_time ?? 0)}`
                : 'not yet reported'}
            </span>
          </li>
        ))}
      </ul>
      <p class="note">
        Guards refuse within milliseconds and report every five seconds; a guard counts here when
        its report says that it has heard everything up to the end.
      </p>
      <div class="actions">
        <button type="button" class="primary" onClick={onClose}>
          Done
        </button>
      </div>
    </div>
  )
}
