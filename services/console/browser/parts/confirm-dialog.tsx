import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Answered, Failed } from '../model/ask.ts'
import { Dialog } from './dialog.tsx'
import { Problem } from './states.tsx'

type Props = Readonly<{
  title: string
  /** What will be so. */
  children: ComponentChildren
  /** What has to be typed first; nothing without it. */
  word?: string
  act: () => Promise<Answered<unknown>>
  onDone: () => void
  onClose: () => void
}>

/** Says what will happen, and does it when that is confirmed. */
export const ConfirmDialog = ({ title, children, word, act, onDone, onClose }: Props) => {
  const [typed, setTyped] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failed | null>(null)
  const send = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    const answer = await act()
    setBusy(false)
    if (answer.ok) onDone()
    else setFailure(answer)
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => void send(event)}>
        {children}
        {word !== undefined && (
          <label>
            <span>
              Type <code>{word}</code> to go on
            </span>
            <input
              value={typed}
              autocomplete="off"
              spellcheck={false}
              onInput={({ currentTarget }) => setTyped(currentTarget.value)}
            />
          </label>
        )}
        <Problem failure={failure} />
        <div class="actions">
          <button
            type="submit"
            class="danger"
            disabled={isBusy || (word !== undefined && typed !== word)}
          >
            {title}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  )
}
