import { asvsPage } from './asvs-page.ts'
import { asyncapiDocument } from './asyncapi.ts'
import { configurationPage } from './configuration.ts'
import { errorsPage } from './errors-page.ts'
import { schemaFiles } from './event-schemas.ts'
import { eventsPage } from './events-page.ts'
import { grafanaDashboard } from './grafana-dashboard.ts'
import { metricsPage } from './metrics-page.ts'
import { migrationPage } from './migration.ts'
import { openapiDocument } from './openapi.ts'
import { pageTexts } from './page-texts.ts'
import { rightsPage } from './rights-page.ts'
import { roomsPage } from './rooms-page.ts'

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** Every generated file by its path from the root; a test compares them with what is there. */
export const generatedFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ['deploy/grafana/curfew.json', jsonText(grafanaDashboard())],
    ['docs/migration.md', migrationPage()],
    ['docs/reference/asvs.md', asvsPage()],
    ['docs/reference/configuration.md', configurationPage()],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/page-texts.json', pageTexts()],
    ['docs/reference/events.md', eventsPage()],
    ['docs/reference/kafka-rights.md', rightsPage()],
    ['docs/reference/metrics.md', metricsPage()],
    ['docs/reference/rooms.md', roomsPage()],
    ['docs/reference/openapi.json', jsonText(openapiDocument())],
    ['docs/reference/asyncapi.json', jsonText(asyncapiDocument())],
    ...schemaFiles(),
  ])
