import { z } from 'zod'
import type { Row, Unit } from './scenario.ts'
import type { Machine, Section } from './section.ts'

const target = z.union([z.object({ atLeast: z.number() }), z.object({ atMost: z.number() })])
const row = z.object({
  measure: z.string(),
  unit: z.string().transform((unit) => unit as Unit),
  repeats: z.array(z.number()),
  target: target.optional(),
})
const scenario = z.object({ name: z.string(), rows: z.array(row).default([]) })
const results = z.object({
  machine: z.record(z.string(), z.string()),
  scenarios: z.array(scenario),
})

/** What a scenario measured, as `reportJson` keeps it. */
export type MeasuredRow = Pick<Row, 'measure' | 'unit' | 'repeats'> & Pick<Partial<Row>, 'target'>
export type Measured = Readonly<{ name: string; rows: readonly MeasuredRow[] }>

export type Results = Readonly<{ machine: Machine; scenarios: readonly Measured[] }>

/** Reads what `reportJson` wrote. @throws ZodError for another text. */
export const readResults = (text: string): Results => results.parse(JSON.parse(text)) as Results

/** The same of scenarios that ran just now. */
export const measuredIn = (sections: readonly Section[]): readonly Measured[] =>
  sections.map((section) => ({
    name: section.scenario.name,
    rows: 'finding' in section ? section.finding.rows : [],
  }))
