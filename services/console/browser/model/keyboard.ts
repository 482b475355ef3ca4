import { signal } from '@preact/signals'
import { go, hrefOf } from './address.ts'
import { toggleUtc } from './clock.ts'
import { pagesList } from './pages-list.ts'

/** Whether the list of keys is open. */
export const showsKeys = signal(false)

const prefixMs = 1_500
let prefixedAt = Number.NEGATIVE_INFINITY

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('main [data-row]')]

/** Moves the focus by so many rows of the list. */
const move = (by: number): void => {
  const all = rows()
  const current = document.activeElement?.closest<HTMLElement>('[data-row]')
  const at = current ? all.indexOf(current) : by > 0 ? -1 : all.length
  const row = all[Math.max(0, Math.min(all.length - 1, at + by))]
  const link = row?.querySelector<HTMLElement>('[data-open]') ?? row
  link?.focus()
  row?.scrollIntoView({ block: 'nearest' })
}

const search = (): void => {
  const field = document.querySelector<HTMLInputElement>('main [data-search]')
  field?.focus()
  field?.select()
}

const actions: Readonly<Record<string, () => void>> = {
  '/': search,
  j: () => move(1),
  k: () => move(-1),
  u: toggleUtc,
  '?': () => {
    showsKeys.value = true
  },
  g: () => {
    prefixedAt = performance.now()
  },
}

const actionOf = (key: string): (() => void) | undefined => {
  const isPrefixed = performance.now() - prefixedAt < prefixMs
  prefixedAt = Number.NEGATIVE_INFINITY
  const page = isPrefixed ? pagesList.find((one) => one.key === key) : undefined
  return page ? () => go(hrefOf(page.to)) : actions[key]
}

/** Keys of the whole console; none while somebody types, or a dialog is open. */
export const listenToKeys = (): void => {
  document.addEventListener('keydown', (event) => {
    const { key, target, altKey, ctrlKey, metaKey } = event
    if (altKey || ctrlKey || metaKey || document.querySelector('dialog[open]')) return
    if (isTyping(target)) {
      if (key === 'Escape') (target as HTMLElement).blur()
      return
    }
    const action = actionOf(key)
    if (!action) return
    event.preventDefault()
    action()
  })
}
