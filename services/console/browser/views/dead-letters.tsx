import type { OverviewBody } from '../../../gateway/answers.ts'
import { count, counted } from '../model/format.ts'
import { useAsked } from '../model/use-asked.ts'
import { Card, Page } from '../parts/page.tsx'
import { Command, Empty, Loaded } from '../parts/states.tsx'

/** What a projector could not read, and put aside. */
export const DeadLetters = () => {
  const asked = useAsked<OverviewBody>('/overview', { everyMs: 5_000 })
  return (
    <Page
      title="Dead letters"
      lead="Records of the log that could not be read, and were put aside."
    >
      <Loaded asked={asked}>
        {({ dead_letters: letters }) => {
          if (letters === null) return <Empty>The gateway may not look at that topic.</Empty>
          if (letters === 0) return <Empty>There is none. That is how it should be.</Empty>
          return (
            <Card
              title="Put aside"
              class="bad"
              note="docs/operations.md says how each is looked at."
            >
              <p class="big">{count(letters)}</p>
              <p>{counted(letters, 'record')} of the log could not be read.</p>
              <Command text="curfew overview" />
            </Card>
          )
        }}
      </Loaded>
    </Page>
  )
}
