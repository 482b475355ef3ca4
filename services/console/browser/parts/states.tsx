import type { ComponentChildren } from 'preact'
import type { Failed } from '../model/ask.ts'
import { Copy } from './id.tsx'

/** In the place of what is asked for, as large as that will be. */
export const Skeleton = ({ rows = 3 }: Readonly<{ rows?: number }>) => (
  <div class="skeleton" role="status" aria-label="Loading">
    {Array.from({ length: rows }, (_, row) => (
      <span key={row} />
    ))}
  </div>
)

type EmptyProps = Readonly<{ children: ComponentChildren; command?: string }>

/** Nothing is there; what to do next. */
export const Empty = ({ children, command }: EmptyProps) => (
  <div class="empty">
    <p>{children}</p>
    {command !== undefined && <Command text={command} />}
  </div>
)

/** A command that does the same, to copy. */
export const Command = ({ text }: Readonly<{ text: string }>) => (
  <p class="command">
    <code>{text}</code>
    <Copy text={text} what="the command" />
  </p>
)

type ProblemProps = Readonly<{ failure: Failed | null; again?: (() => void) | undefined }>

/** What the gateway refused or could not do, in its words. */
export const Problem = ({ failure, again }: ProblemProps) => {
  if (failure === null || failure.code === 'aborted') return null
  return (
    <div class="problem" role="alert">
      <p>{failure.detail}</p>
      {failure.code !== '' && <code>{failure.code}</code>}
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  )
}

type LoadedProps<Body> = Readonly<{
  asked: Readonly<{ body: Body | null; failure: Failed | null; again: () => void }>
  rows?: number
  children: (body: Body) => ComponentChildren
}>

/** What was asked for, as soon as it is there; the former answer stays beside a failure. */
export const Loaded = <Body,>({ asked, rows, children }: LoadedProps<Body>) => {
  const { body, failure, again } = asked
  return (
    <>
      <Problem failure={failure} again={again} />
      {body !== null ? children(body) : failure === null && <Skeleton {...(rows && { rows })} />}
    </>
  )
}
