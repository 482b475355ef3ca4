import type { DeadLetterBody } from '../../../gateway/answers.ts'
import { go, hrefOf, hrefWith, query } from '../model/address.ts'
import { ask } from '../model/ask.ts'
import { counted } from '../model/format.ts'
import { letterText } from '../model/letter-text.ts'
import { mayAct } from '../model/may-act.ts'
import { useAsked } from '../model/use-asked.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { Copy } from '../parts/id.tsx'
import { Card, Page } from '../parts/page.tsx'
import { Command, Loaded } from '../parts/states.tsx'

const Facts = ({ letter }: Readonly<{ letter: DeadLetterBody }>) => {
  const facts = [
    ['Why', letter.problem],
    ['Lay at', letter.lay_at],
    ['State', letter.settled ?? 'open'],
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

const ways = {
  retry: {
    title: 'Retry',
    text:
      'Mend what parked it first, such as the projector: else it is parked anew, as another ' +
      'letter. The record is published again, as it was, and no receiver is told of it. What the ' +
      'gateway cannot use either is refused, and nothing happens.',
  },
  drop: {
    title: 'Drop',
    text: 'Nobody needs the record: it is not shown as open any more. It stays in the log.',
  },
} as const
type Way = keyof typeof ways
const wayOf = (text: string | undefined): Way | null =>
  text === 'retry' || text === 'drop' ? text : null

type SettleProps = Readonly<{ letter: DeadLetterBody; onDone: () => void }>

const Settle = ({ letter: { offset, settled }, onDone }: SettleProps) => {
  const way = wayOf(query.value['do'])
  if (!mayAct || settled !== null) return null
  const close = (): void => go(hrefWith({ do: '' }), 'replace')
  const done = (): void => {
    close()
    onDone()
  }
  return (
    <div class="actions ringed">
      <a class="button" href={hrefWith({ do: 'retry' })}>
        Retry
      </a>
      <a class="button danger" href={hrefWith({ do: 'drop' })}>
        Drop
      </a>
      {way !== null && (
        <ConfirmDialog
          title={`${ways[way].title} letter ${offset}`}
          act={() => ask(`/dead-letters/${offset}/${way}`, { method: 'POST' })}
          onDone={done}
          onClose={close}
        >
          <p>{ways[way].text}</p>
          <p class="note">An event tells that you did it.</p>
        </ConfirmDialog>
      )}
    </div>
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
            <Settle letter={letter} onDone={asked.again} />
            <Value letter={letter} />
            <Headers headers={letter.headers} />
            <Command text={`curfew dead-letters retry ${letter.offset}`} />
            <Command text={`curfew dead-letters drop ${letter.offset}`} />
          </>
        )}
      </Loaded>
    </Page>
  )
}
