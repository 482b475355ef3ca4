import { ask, isSignedOut } from './ask.ts'

const everyMs = 5_000

/** One that is over leads to the sign-in by itself. A page that nobody sees asks for nothing. */
const look = async (): Promise<void> => {
  if (!document.hidden && !isSignedOut.value) await ask('/me')
}

/**
 * Notices that the session of whoever looks has ended, also where the page shows a list that asks
 * for nothing by itself. A page that the browser kept, and shows again, is loaded anew.
 */
export const watchSession = (): void => {
  const again = async (): Promise<void> => {
    await look()
    setTimeout(again, everyMs)
  }
  setTimeout(again, everyMs)
  document.addEventListener('visibilitychange', () => void look())
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload()
  })
}
