import { useState } from 'preact/hooks'
import type { KeysBody, RotatedBody } from '../../../gateway/answers.ts'
import { go, hrefOf, hrefWith, query } from '../model/address.ts'
import { ask } from '../model/ask.ts'
import { now } from '../model/clock.ts'
import { inOrder, type Key, phaseOf, type Ring, ringWords } from '../model/key-words.ts'
import { mayAct } from '../model/may-act.ts'
import { useAsked } from '../model/use-asked.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { Copy } from '../parts/id.tsx'
import { Card, Page } from '../parts/page.tsx'
import { Command, Loaded } from '../parts/states.tsx'
import { When } from '../parts/when.tsx'

const tones = { active: 'state good', next: 'state', retired: 'quiet' } as const

const untilOf = ({ status, until }: Key) => {
  if (status === 'retired' && until === null) return 'it is taken out'
  return status === 'retired' ? <When at={until} /> : <span class="quiet">–</span>
}

const columnsOf = (ring: Ring['ring']): readonly Column<Key>[] => [
  {
    heading: 'Key',
    cell: ({ kid }) => (
      <span class="id">
        <code>{kid}</code>
        <Copy text={kid} what="the id of the key" />
      </span>
    ),
  },
  { heading: 'Phase', cell: ({ status }) => <span class={tones[status]}>{status}</span> },
  { heading: 'What it does', cell: (key) => phaseOf(ring, key, now.value) },
  { heading: 'Until', cell: untilOf },
  { heading: 'Algorithm', cell: ({ alg }) => alg },
]

const RingCard = ({ ring, keys }: Ring) => (
  <Card title={ring}>
    <p class="lead">{ringWords[ring]}</p>
    <DataTable
      label={`Keys of ${ring}`}
      columns={columnsOf(ring)}
      rows={inOrder(keys)}
      keyOf={({ kid }) => kid}
    />
    <div class="actions ringed">
      {mayAct && (
        <a
          class="button danger"
          href={hrefWith({ rotate: ring })}
          aria-label={`Rotate the ring ${ring}`}
        >
          Rotate
        </a>
      )}
      <Command text={`curfew keys rotate --ring ${ring}`} />
    </div>
  </Card>
)

type RotateProps = Readonly<{ rings: readonly Ring[]; onDone: (said: string) => void }>

const RotateDialog = ({ rings, onDone }: RotateProps) => {
  const named = query.value['rotate'] ?? ''
  const ring = rings.find((one) => one.ring === named)?.ring
  if (!mayAct || ring === undefined) return null
  const close = (): void => go(hrefWith({ rotate: '' }), 'replace')
  const act = async () => {
    const answer = await ask<RotatedBody>(`/keys/${ring}/rotate`, { method: 'POST' })
    if (answer.ok) onDone(`${ring}: ${answer.body.detail}.`)
    return answer
  }
  return (
    <ConfirmDialog title={`Rotate ${ring}`} word={ring} act={act} onDone={close} onClose={close}>
      <p>
        The next key takes over from the active one, which stays for as long as something that it
        made is read. Nobody is logged out.
      </p>
      <p class="note">A key that was stolen needs more: docs/operations.md#keys.</p>
    </ConfirmDialog>
  )
}

const Lately = () => (
  <>
    <a class="button" href={hrefOf('/events', { kind: 'KeyRotated' })}>
      Rotations
    </a>
    <a class="button" href={hrefOf('/events', { kind: 'KeyRemoved' })}>
      Removals
    </a>
  </>
)

/** The rings of keys, and what each key does. */
export const Keys = () => {
  const asked = useAsked<KeysBody>('/keys')
  const [said, setSaid] = useState('')
  const done = (text: string): void => {
    setSaid(text)
    asked.again()
  }
  return (
    <Page
      title="Keys"
      lead="Rings of keys, and what each key does. No secret is ever shown."
      actions={<Lately />}
    >
      <p class="said" role="status">
        {said}
      </p>
      <Loaded asked={asked} rows={6}>
        {({ rings }) => (
          <>
            {rings.map((one) => (
              <RingCard key={one.ring} {...one} />
            ))}
            <RotateDialog rings={rings} onDone={done} />
          </>
        )}
      </Loaded>
    </Page>
  )
}
