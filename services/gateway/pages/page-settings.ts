import { z } from 'zod'
import { field, list, listTakes, optional, text } from '../../../shared/kernel/config.ts'

const colour = z
  .string()
  .toLowerCase()
  .regex(/^#[0-9a-f]{6}$/, { error: 'is no colour of six hex digits' })
const colourTakes = 'a colour such as #413d9e'

/** How the pages look and speak, and where a sign-in may lead. */
export const pageFields = {
  pageTitle: field({
    env: 'CURFEW_PAGE_TITLE',
    schema: text(60),
    otherwise: 'Curfew',
    takes: 'a name of 1 to 60 characters',
    doc: 'The name on the pages: what people sign in to.',
  }),
  pageAccent: optional({
    env: 'CURFEW_PAGE_ACCENT',
    schema: colour,
    takes: colourTakes,
    doc:
      'Of buttons, links and the focus on the pages, where the browser prefers light ones. A ' +
      'colour that cannot be read on them (a contrast below 4.5) stops the start.',
  }),
  pageAccentDark: optional({
    env: 'CURFEW_PAGE_ACCENT_DARK',
    schema: colour,
    takes: colourTakes,
    doc: 'The same where the browser prefers dark pages.',
  }),
  pageTexts: field({
    env: 'CURFEW_PAGE_TEXTS',
    schema: list,
    otherwise: '',
    takes: `paths of JSON files, ${listTakes}`,
    doc:
      'The texts of the pages in another language, or some of them in English (`en`) or Korean ' +
      '(`ko`), which ship: `{"language": "de", "texts": {"sign_in": "Anmelden", …}}`. A text ' +
      'that is missing, or that no page shows, stops the start.',
  }),
  returnOrigins: field({
    env: 'CURFEW_RETURN_ORIGINS',
    schema: list,
    otherwise: '',
    takes: `origins such as https://app.example or https://*.app.example, ${listTakes}`,
    doc:
      'Other origins than the gateway’s own that `return_to` of `/sign-in` and `/sign-out` may ' +
      'lead to.',
  }),
} as const
