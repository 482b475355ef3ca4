import { go, hrefOf, query } from '../model/address.ts'
import { useEvents } from '../model/events-source.ts'
import { filterOf, filterOfWords, wordsOfFilter } from '../model/filter.ts'
import { count, counted } from '../model/format.ts'
import { rowsMax } from '../model/live-list.ts'
import { useDrawn } from '../model/use-drawn.ts'
import { Chips } from '../parts/chips.tsx'
import { EventRow } from '../parts/event-row.tsx'
import { Page } from '../parts/page.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { Empty, Problem, Skeleton } from '../parts/states.tsx'

const isLive = (): boolean => query.value['live'] === '1'

/** A changed search is no live view any more, and says so. */
const search = (text: string): string | null => {
  const { filter, problem } = filterOfWords(text)
  if (problem === null) go(hrefOf('/events', filter))
  return problem
}

type Source = ReturnType<typeof useEvents>

const LiveSwitch = ({ source }: Readonly<{ source: Source }>) => {
  const { list, state } = source
  const filter = filterOf(query.value)
  if (!isLive()) {
    return (
      <a class="button" href={hrefOf('/events', { ...filter, live: '1' })}>
        <span class="dot" /> Follow live
      </a>
    )
  }
  const isHeld = source.isPaused.value
  const words = { connecting: 'Connecting', live: isHeld ? 'Held' : 'Live', refused: 'Ended' }
  return (
    <>
      <span class={`live ${isHeld ? 'held' : state.value.kind}`} role="status">
        <span class="dot" /> {words[state.value.kind]}
      </span>
      <button type="button" onClick={source.togglePause} aria-pressed={isHeld}>
        {isHeld ? 'Go on' : 'Hold'}
        {isHeld && list.heldCount.value > 0 && ` (${count(list.heldCount.value)})`}
      </button>
      <a class="button" href={hrefOf('/events', filter)}>
        Stop
      </a>
    </>
  )
}

/** What came while nobody was to be disturbed; its place is kept, so that no row moves for it. */
const News = ({ source }: Readonly<{ source: Source }>) => {
  const { heldCount, isHeld } = source.list
  if (!isLive()) return null
  return (
    <div class="news-place">
      {isHeld.value && heldCount.value > 0 && (
        <button type="button" class="news" onClick={source.showNews}>
          {count(heldCount.value)} new
        </button>
      )}
    </div>
  )
}

const List = ({ source }: Readonly<{ source: Source }>) => {
  const rows = source.list.rows.value
  const open = query.value['open'] ?? ''
  const drawn = useDrawn(isLive() && !source.isLookedAt.value, rows.length)
  return (
    <ol
      class="events"
      onPointerEnter={source.enter}
      onPointerLeave={source.leave}
      onPointerDown={source.press}
      onFocusIn={source.focus}
      onFocusOut={source.blur}
    >
      {/* By its place: a row that is there takes the next event, at less cost than a new one. */}
      {rows.slice(0, drawn).map((event, place) => (
        <EventRow key={place} event={event} isOpen={event.id === open} />
      ))}
    </ol>
  )
}

const Older = ({ source }: Readonly<{ source: Source }>) => {
  if (!source.hasOlder.value) return null
  if (source.list.rows.value.length >= rowsMax) {
    return <p class="note">{count(rowsMax)} rows are shown; since: and until: narrow the time.</p>
  }
  return (
    <button type="button" class="older" onClick={() => void source.loadOlder()}>
      Older ones
    </button>
  )
}

/** Search and live view of all events, in one. */
export const Events = () => {
  const filter = filterOf(query.value)
  const source = useEvents(filter, isLive())
  const rows = source.list.rows.value.length
  return (
    <Page
      title="Events"
      lead={isLive() ? 'As they come, newest first.' : 'What happened, newest first.'}
      actions={<LiveSwitch source={source} />}
    >
      <SearchField
        label="Search events"
        placeholder="user:alice kind:LoginFailed address:203.0.113.7 since:2026-11-30"
        words={wordsOfFilter(filter)}
        onSearch={search}
      />
      <Chips to="/events" filter={filter} />
      <Problem failure={source.failure.value} again={source.again} />
      <News source={source} />
      {rows > 0 && <List source={source} />}
      {rows === 0 && source.isLoading.value && <Skeleton rows={8} />}
      {rows === 0 && !source.isLoading.value && source.failure.value === null && (
        <Empty command="curfew audit query">
          {isLive() ? 'Nothing yet. It appears here as it happens.' : 'There is no such event.'}
        </Empty>
      )}
      <Older source={source} />
      <p class="hidden-visually" role="status">
        {counted(rows, 'event')}
      </p>
    </Page>
  )
}
