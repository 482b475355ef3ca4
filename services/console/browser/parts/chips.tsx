import { hrefOf } from '../model/address.ts'
import type { Query } from '../model/query.ts'

type Props = Readonly<{
  /** The page. */
  to: string
  filter: Query
}>

/** What is searched by, each with a link that leaves it out. */
export const Chips = ({ to, filter }: Props) => {
  const names = Object.keys(filter)
  if (names.length === 0) return null
  const without = (name: string) =>
    hrefOf(to, Object.fromEntries(Object.entries(filter).filter(([one]) => one !== name)))
  return (
    <ul class="chips" aria-label="Searched by">
      {names.map((name) => (
        <li key={name}>
          <span>
            {name} <strong>{filter[name]}</strong>
          </span>
          <a href={without(name)} aria-label={`Without ${name}`}>
            ✕
          </a>
        </li>
      ))}
    </ul>
  )
}
