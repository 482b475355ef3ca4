import { useState } from 'preact/hooks'
import { ask } from '../model/ask.ts'
import { ownName } from '../model/may-act.ts'
import { passwordAsked } from '../model/step-up.ts'
import { Dialog } from './dialog.tsx'

/** Asks for the password again, before what ends everyone or cannot be taken back. */
export const PasswordDialog = () => {
  const answer = passwordAsked.value
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  if (answer === null) return null
  const close = (isProven: boolean): void => {
    setPassword('')
    setProblem(null)
    answer(isProven)
  }
  const prove = async (event: Event): Promise<void> => {
    event.preventDefault()
    const proven = await ask('/step-up', { method: 'POST', body: { password } })
    if (proven.ok) close(true)
    else setProblem(proven.detail)
  }
  return (
    <Dialog title="Your password, please" onClose={() => close(false)}>
      <form onSubmit={(event) => void prove(event)}>
        <p>This needs a password that was typed within the last five minutes.</p>
        <input type="hidden" autoComplete="username" value={ownName} />
        <label>
          Password of {ownName}
          <input
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onInput={({ currentTarget }) => setPassword(currentTarget.value)}
          />
        </label>
        {problem !== null && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="actions">
          <button type="submit" class="primary">
            Go on
          </button>
          <button type="button" onClick={() => close(false)}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  )
}
