import { useEffect, useRef, useState } from 'preact/hooks'
import type { Failed } from '../model/ask.ts'
import { download } from '../model/download.ts'
import { exportEvents, type Progress } from '../model/export-events.ts'
import { filterOfWords } from '../model/filter.ts'
import { counted } from '../model/format.ts'
import { Card } from './page.tsx'
import { SearchField } from './search-field.tsx'
import { Command, Problem } from './states.tsx'
import { When } from './when.tsx'

/** Events as a file, an event a line, with how far it came meanwhile. */
export const ExportCard = () => {
  const [progress, setProgress] = useState<Progress | null>(null)
  const [failure, setFailure] = useState<Failed | null>(null)
  const [isWhole, setWhole] = useState(true)
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])
  const run = async (filter: Readonly<Record<string, string>>): Promise<void> => {
    running.current?.abort()
    const own = new AbortController()
    running.current = own
    setProgress({ events: 0, reached: null })
    const exported = await exportEvents(filter, setProgress, own.signal)
    if (own.signal.aborted) return
    setFailure('text' in exported ? null : exported)
    if (!('text' in exported)) return
    setWhole(exported.isWhole)
    download('events.jsonl', 'application/jsonl', exported.text)
  }
  const search = (text: string): string | null => {
    const { filter, problem } = filterOfWords(text)
    if (problem === null) void run(filter)
    return problem
  }
  return (
    <Card
      title="Export"
      note={
        'A file of the browser is no proof by itself. The command writes one that verifies, ' +
        'in six formats.'
      }
    >
      <SearchField
        label="Events to export"
        placeholder="since:2026-11-01 until:2026-12-01; all of them without words"
        words=""
        verb="Export"
        onSearch={search}
      />
      <Problem failure={failure} />
      {progress !== null && (
        <p role="status">
          {counted(progress.events, 'event')}
          {progress.reached !== null && (
            <>
              {' '}
              up to <When at={progress.reached} how="clock" />
            </>
          )}
          {!isWhole && '. There are more; a shorter time fits.'}
        </p>
      )}
      <Command text="curfew audit export" />
    </Card>
  )
}
