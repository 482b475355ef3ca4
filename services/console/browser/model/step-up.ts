import { signal } from '@preact/signals'

/** The dialog that asks for the password, while it is open; it answers whether it was right. */
export const passwordAsked = signal<((isProven: boolean) => void) | null>(null)

export const provePassword = (): Promise<boolean> =>
  new Promise((resolve) => {
    passwordAsked.value?.(false)
    passwordAsked.value = (isProven) => {
      passwordAsked.value = null
      resolve(isProven)
    }
  })
