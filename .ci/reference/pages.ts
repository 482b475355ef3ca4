import { configurationPage } from './configuration.ts'
import { errorsPage } from './errors-page.ts'
import { schemaFiles } from './event-schemas.ts'
import { eventsPage } from './events-page.ts'

/** Every generated file by its path from the root; a test compares them with what is there. */
export const generatedFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ['docs/reference/configuration.md', configurationPage()],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/events.md', eventsPage()],
    ...schemaFiles(),
  ])
