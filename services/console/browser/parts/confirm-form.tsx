import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Answered, Done, Failed } from '../model/ask.ts'
import { Problem } from './states.tsx'

type Props<Body> = Readonly<{
  /** On the button that does it. */
  label: string
  /** In its place while it is done. */
  busyLabel?: string
  /** What will be so. */
  children: ComponentChildren
  /** What has to be typed first; `null` without it. */
  word: string | null
  act: () => Promise<Answered<Body>>
  onDone: (answer: Done<Body>) => void
  onClose: () => void
}>

/** Says what will happen, and does it when that is confirmed. */
export const ConfirmForm = <Body,>({
  label,
  busyLabel = label,
  children,
  word,
  act,
  onDone,
  onClose,
}: Props<Body>) => {
  const [typed, setTyped] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failed | null>(null)
  const send = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    const answer = await act()
    setBusy(false)
    if (answer.ok) onDone(answer)
    else setFailure(answer)
  }
  return (
    <form onSubmit={(event) => void send(event)}>
      {children}
      {word !== null && (
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
        <button type="submit" class="danger" disabled={isBusy || (word !== null && typed !== word)}>
          {isBusy ? busyLabel : label}
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  )
}
