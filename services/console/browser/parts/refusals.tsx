import type { ToldSessionBody } from '../../../gateway/answers.ts'
import { duration } from '../model/format.ts'
import { Card } from './page.tsx'

type Refusal = NonNullable<ToldSessionBody['life']>['refusals'][number]

const note =
  'From the revocation to the first refusal that it caused; at most so long. Guards measure it ' +
  'once a minute, of all revocations in that minute.'

/** How long each guard took to refuse. */
export const Refusals = ({ guards }: Readonly<{ guards: readonly Refusal[] }>) => {
  const longest = Math.max(1, ...guards.map(({ max_ms: ms }) => ms ?? 0))
  return (
    <Card title="Refused by" note={note}>
      {guards.length === 0 ? (
        <p class="quiet">No guard has measured that minute yet.</p>
      ) : (
        <ul class="bars">
          {guards.map(({ name, client, instance, max_ms: ms }) => (
            <li key={`${client} ${instance}`}>
              <span>
                {name} <code class="quiet">{instance.slice(0, 6)}</code>
              </span>
              <meter
                min={0}
                max={longest}
                value={ms ?? longest}
                aria-label={`${name} ${instance.slice(0, 6)}`}
              />
              <span class="number">{ms === null ? 'longer' : `≤ ${duration(ms)}`}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
