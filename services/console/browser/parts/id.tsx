import { useState } from 'preact/hooks'
import { hrefOf } from '../model/address.ts'
import { shortId } from '../model/format.ts'
import { nameOf } from '../model/names.ts'

const copiedMs = 1_500

/** Copies a text; says so for a moment. */
export const Copy = ({ text, what }: Readonly<{ text: string; what: string }>) => {
  const [isCopied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), copiedMs)
  }
  return (
    <button
      type="button"
      class="copy"
      title={`Copy ${what}`}
      aria-label={isCopied ? `Copied ${what}` : `Copy ${what} ${text}`}
      onClick={() => void copy()}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={isCopied ? 'M3 8.5 6.5 12 13 4.5' : 'M6 6h7v7H6zM10 3.5V3H3v7h.5'} />
      </svg>
    </button>
  )
}

const pages: Readonly<Record<string, (id: string) => string>> = {
  session: (id) => hrefOf(`/sessions/${encodeURIComponent(id)}`),
  user: (id) => hrefOf(`/users/${encodeURIComponent(id)}`),
}

type Props = Readonly<{
  /** What it is the id of, as events are asked by it: `user`, `session`, `client` … */
  kind: string
  id: string | null
  isWhole?: boolean
}>

/** An id with the name beside it; leads to its page, or to the events of it. */
export const Id = ({ kind, id, isWhole = false }: Props) => {
  if (id === null || id === '') return <span class="quiet">–</span>
  const name = kind === 'user' ? nameOf(id).value : null
  const href = (pages[kind] ?? ((one) => hrefOf('/events', { [kind]: one })))(id)
  return (
    <span class="id">
      <a href={href} title={`${kind} ${id}`}>
        {name === null ? <code>{isWhole ? id : shortId(id)}</code> : name}
      </a>
      <Copy text={id} what={`the ${kind}`} />
    </span>
  )
}
