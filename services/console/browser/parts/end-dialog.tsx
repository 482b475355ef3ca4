import { useEffect, useState } from 'preact/hooks'
import type { PreviewBody } from '../../../gateway/answers.ts'
import { go, hrefWith, query } from '../model/address.ts'
import type { Failed } from '../model/ask.ts'
import { end, preview, type Target, targetOf, wordToType } from '../model/ending.ts'
import { counted } from '../model/format.ts'
import { mayAct } from '../model/may-act.ts'
import { ConfirmForm } from './confirm-form.tsx'
import { Dialog } from './dialog.tsx'
import { Id } from './id.tsx'
import { RefusalWatch } from './refusal-watch.tsx'
import { Problem, Skeleton } from './states.tsx'

const titles = {
  session: 'End this session',
  subject: 'End all sessions of a user',
  client: 'End all sessions of a client',
  all: 'Log everyone out',
} as const
const kinds = { session: 'session', subject: 'user', client: 'client' } as const

const What = ({ target, would }: Readonly<{ target: Target; would: PreviewBody }>) => (
  <>
    <p class="big small">
      {counted(would.sessions, 'session')} of {counted(would.users, 'user')} would end.
    </p>
    {target.scope !== 'all' && (
      <p>
        <Id kind={kinds[target.scope]} id={would.id ?? target.id} isWhole />
      </p>
    )}
    <p class="note">Every guard refuses their tokens from then on. It cannot be taken back.</p>
  </>
)

type FormProps = Readonly<{
  target: Target
  would: PreviewBody
  /** Since when, by the clock of the gateway, it may have ended. */
  onEnded: (since: number) => void
  onClose: () => void
}>

const EndForm = ({ target, would, onEnded, onClose }: FormProps) => (
  <ConfirmForm
    label={titles[target.scope]}
    busyLabel="Ending"
    word={wordToType(target)}
    act={() => end(target)}
    onDone={({ headers }) => onEnded(Date.parse(headers.get('date') ?? '') - 2_000)}
    onClose={onClose}
  >
    <What target={target} would={would} />
  </ConfirmForm>
)

const EndOf = ({ target }: Readonly<{ target: Target }>) => {
  const [would, setWould] = useState<PreviewBody | null>(null)
  const [failure, setFailure] = useState<Failed | null>(null)
  const [since, setSince] = useState<number | null>(null)
  const close = (): void => go(hrefWith({ end: '' }), 'replace')
  useEffect(() => {
    void preview(target).then((answer) => {
      if (answer.ok) setWould(answer.body)
      else setFailure(answer)
    })
  }, [])
  return (
    <Dialog title={since === null ? titles[target.scope] : 'Ended'} onClose={close}>
      <Problem failure={failure} />
      {since !== null && would && (
        <RefusalWatch target={target} id={would.id} since={since} onClose={close} />
      )}
      {since === null && would && (
        <EndForm target={target} would={would} onEnded={setSince} onClose={close} />
      )}
      {!would && !failure && <Skeleton rows={2} />}
    </Dialog>
  )
}

/** Ends what the address names, after it showed what that is: `?end=session:ID`. */
export const EndDialog = () => {
  const text = query.value['end'] ?? ''
  const target = mayAct ? targetOf(text) : null
  return target === null ? null : <EndOf key={text} target={target} />
}
