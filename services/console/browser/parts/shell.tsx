import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { accountHref, hrefOf, path, signInHref, signOutHref } from '../model/address.ts'
import { isSignedOut } from '../model/ask.ts'
import { showsUtc, toggleUtc } from '../model/clock.ts'
import { showsKeys } from '../model/keyboard.ts'
import { mayAct, ownName } from '../model/may-act.ts'
import { pagesList } from '../model/pages-list.ts'
import { EndDialog } from './end-dialog.tsx'
import { KeysDialog } from './keys-dialog.tsx'
import { Page } from './page.tsx'
import { PasswordDialog } from './password-dialog.tsx'

const isBelow = (to: string): boolean =>
  to === '/' ? path.value === '/' : path.value === to || path.value.startsWith(`${to}/`)

const Menu = () => {
  const list = useRef<HTMLUListElement>(null)
  // On a phone the menu is wider than the screen.
  useEffect(() => {
    const current = list.current?.querySelector('[aria-current]')
    current?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [path.value])
  return (
    <nav aria-label="Pages">
      <ul ref={list}>
        {pagesList.map(({ to, title, key }) => (
          <li key={to}>
            <a
              href={hrefOf(to)}
              title={`g ${key}`}
              {...(isBelow(to) && { 'aria-current': 'page' as const })}
            >
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

const Foot = () => (
  <div class="foot">
    <button type="button" class="plain" title="u" onClick={toggleUtc}>
      {showsUtc.value ? 'UTC' : 'Local time'}
    </button>
    <button
      type="button"
      class="plain"
      onClick={() => {
        showsKeys.value = true
      }}
    >
      Keys <kbd>?</kbd>
    </button>
    <p>
      <a href={accountHref}>{ownName}</a>
      {!mayAct && <span class="tag">reads only</span>}
    </p>
    <a href={signOutHref}>Sign out</a>
  </div>
)

const SignedOut = () => (
  <main id="main" class="alone">
    <Page title="You are signed out" lead="Your session has ended.">
      <a class="button primary" href={signInHref()}>
        Sign in
      </a>
    </Page>
  </main>
)

/** What stands around every page; nothing of it is left when the session is over. */
export const Shell = ({ children }: Readonly<{ children: ComponentChildren }>) => {
  if (isSignedOut.value) return <SignedOut />
  return (
    <>
      <a class="skip" href="#main">
        To the page
      </a>
      <header class="side">
        <a class="brand" href={hrefOf('/')}>
          Curfew
        </a>
        <Menu />
        <Foot />
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <KeysDialog />
      <EndDialog />
      <PasswordDialog />
    </>
  )
}
