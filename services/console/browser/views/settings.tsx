import type { SettingBody } from '../../../gateway/answers.ts'
import { go, hrefOf, query } from '../model/address.ts'
import { useAsked } from '../model/use-asked.ts'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { Copy } from '../parts/id.tsx'
import { Page } from '../parts/page.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { Empty, Loaded } from '../parts/states.tsx'

type Body = Readonly<{ settings: readonly SettingBody[] }>

const columns: readonly Column<SettingBody>[] = [
  {
    heading: 'Setting',
    cell: ({ name }) => (
      <span class="id">
        <code>{name}</code>
        <Copy text={name} what="the name" />
      </span>
    ),
  },
  {
    heading: 'Value',
    cell: ({ value, hidden }) => {
      if (hidden) return <span class="quiet">not shown</span>
      return value === null ? <span class="quiet">–</span> : <code>{value}</code>
    },
  },
  {
    heading: 'From',
    cell: ({ source }) => (
      <span class={source === 'default' ? 'quiet' : 'state good'}>{source}</span>
    ),
  },
  { heading: 'What it does', cell: ({ doc }) => <p class="doc">{doc}</p> },
]

/** What this gateway was told, and where. */
export const Settings = () => {
  const asked = useAsked<Body>('/settings')
  const words = query.value['q'] ?? ''
  const search = (text: string): null => {
    go(hrefOf('/settings', { q: text }))
    return null
  }
  const fits = ({ name, doc, source }: SettingBody): boolean =>
    `${name} ${doc} ${source}`.toLowerCase().includes(words.toLowerCase())
  return (
    <Page title="Settings" lead="What this gateway was told, and where. They are changed there.">
      <SearchField
        label="Search settings"
        placeholder="A part of a name, or environment"
        words={words}
        onSearch={search}
      />
      <Loaded asked={asked} rows={10}>
        {({ settings }) => {
          const found = settings.filter(fits)
          return found.length === 0 ? (
            <Empty>There is no such setting.</Empty>
          ) : (
            <DataTable label="Settings" columns={columns} rows={found} keyOf={({ name }) => name} />
          )
        }}
      </Loaded>
    </Page>
  )
}
