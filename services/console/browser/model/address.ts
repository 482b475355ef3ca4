import { computed, signal } from '@preact/signals'
import type { Query } from './query.ts'

/** Where the console is: below this path of the gateway. */
const base = document.body.dataset['base'] ?? ''
export const home = `${base}/console`

/** What is kept from page to page. */
const kept = ['utc'] as const

const read = (): URL => new URL(location.href)
const shown = signal(read())

/** The page, such as `/events`; `/` is the overview. */
export const path = computed(() => {
  const below = shown.value.pathname.slice(home.length).replace(/\/+$/, '')
  return below === '' ? '/' : below
})

/** What the address says behind the question mark. */
export const query = computed((): Query => Object.fromEntries(shown.value.searchParams))

const textOf = (given: Query): string => {
  const filled = Object.entries(given).filter(([, value]) => value !== '')
  const text = new URLSearchParams(filled).toString()
  return text === '' ? '' : `?${text}`
}

/** The address of a page of the console. */
export const hrefOf = (to: string, given: Query = {}): string => {
  const carried = kept.flatMap((name) => {
    const value = query.value[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return `${home}${to === '/' ? '' : to}${textOf({ ...Object.fromEntries(carried), ...given })}`
}

/** The address of this page with other members of its query; an empty one is left out. */
export const hrefWith = (changed: Query): string =>
  `${location.pathname}${textOf({ ...query.value, ...changed })}`

export const go = (href: string, how: 'push' | 'replace' = 'push'): void => {
  if (how === 'push') history.pushState(null, '', href)
  else history.replaceState(null, '', href)
  shown.value = read()
}

const isOurs = (link: HTMLAnchorElement): boolean =>
  link.origin === location.origin &&
  !link.hasAttribute('download') &&
  link.target === '' &&
  (link.pathname === home || link.pathname.startsWith(`${home}/`))

/** Links of the console change the address without loading the page anew. */
export const followLinks = (): void => {
  addEventListener('popstate', () => {
    shown.value = read()
  })
  document.addEventListener('click', (event) => {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!isPlain || event.defaultPrevented || !link || !isOurs(link)) return
    event.preventDefault()
    const isOtherPage = link.pathname !== location.pathname
    go(link.href)
    if (!isOtherPage) return
    scrollTo(0, 0)
    document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true })
  })
}

/** The address of a route of the gateway. */
export const routeOf = (route: string, given: Query = {}): string =>
  `${base}${route}${textOf(given)}`

/** Where whoever is signed out goes, to come back to this page. */
export const signInHref = (): string => {
  const back = `${location.pathname}${location.search}`
  return `${base}/sign-in${textOf({ return_to: back })}`
}
export const signOutHref = `${base}/sign-out`
export const accountHref = `${base}/account`
