import type { DeadLetterBody } from '../../../gateway/answers.ts'
import { hrefOf } from '../model/address.ts'
import { counted } from '../model/format.ts'
import { letterText } from '../model/letter-text.ts'
import { useAsked } from '../model/use-asked.ts'
import { Copy } from '../parts/id.tsx'
import { Card, Page } from '../parts/page.tsx'
import { Command, Loaded } from '../parts/states.tsx'

const Facts = ({ letter }: Readonly<{ letter: DeadLetterBody }>) => {
  const facts = [
    ['Why', letter.problem],
    ['Lay at', letter.lay_at],
    ['Type', letter.type],
    ['Written', letter.time],
  ] as const
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="told">{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  )
}

const Headers = ({ headers }: Pick<DeadLetterBody, 'headers'>) => (
  <Card title="Headers">
    <dl class="headers">
      {Object.entries(headers).map(([name, value]) => (
        <div key={name}>
          <dt class="told">{name}</dt>
          <dd class="told">{value}</dd>
        </div>
      ))}
    </dl>
  </Card>
)

const Value = ({ letter: { value, bytes } }: Readonly<{ letter: DeadLetterBody }>) => {
  const { text, form, kept } = letterText(value)
  const whole = bytes !== null && bytes > kept ? `, of ${counted(bytes, 'byte')}` : ''
  return (
    <Card title="Value">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys, too */}
      <pre class="value" tabIndex={0}>
        {text}
      </pre>
      <p class="note command">
        {counted(kept, 'byte')}
        {whole}, shown as {form}
        <Copy text={text} what="the value" />
      </p>
    </Card>
  )
}

/** One parked record, as much of it as is kept. */
export const DeadLetter = ({ id }: Readonly<{ id: string }>) => {
  const asked = useAsked<DeadLetterBody>(`/dead-letters/${encodeURIComponent(id)}`)
  return (
    <Page
      title="Dead letter"
      lead="A record that nobody could use. It may be of anybody: what it says is not proven."
      actions={
        <a class="button" href={hrefOf('/dead-letters')}>
          All of them
        </a>
      }
    >
      <Loaded asked={asked} rows={6}>
        {(letter) => (
          <>
            <Facts letter={letter} />
            <Value letter={letter} />
            <Headers headers={letter.headers} />
            <Command text="curfew dead-letters --json" />
          </>
        )}
      </Loaded>
    </Page>
  )
}
