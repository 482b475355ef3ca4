import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

type Props = Readonly<{
  title: string
  /** One line of what the page is for. */
  lead?: ComponentChildren
  actions?: ComponentChildren
  children: ComponentChildren
}>

/** A page: its title, what it is for, and what can be done. */
export const Page = ({ title, lead, actions, children }: Props) => {
  useEffect(() => {
    document.title = `${title} · Curfew`
  }, [title])
  return (
    <>
      <header class="page-head">
        <div>
          <h1>{title}</h1>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </header>
      {children}
    </>
  )
}

type CardProps = Readonly<{
  title: string
  note?: ComponentChildren
  class?: string
  children: ComponentChildren
}>

export const Card = ({ title, note, class: name = '', children }: CardProps) => (
  <section class={`card ${name}`}>
    <h2>{title}</h2>
    {children}
    {note !== undefined && <p class="note">{note}</p>}
  </section>
)
