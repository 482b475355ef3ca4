import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from '../project-files.ts'
import type { Kind } from './plan.ts'
import type { Recovery, StormResult } from './storm.ts'

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}

type Row = Readonly<{ what: string; count: number; median: number; most: number }>

const rowOf = (what: string, recoveries: readonly Recovery[]): Row => {
  const seconds = recoveries.map((one) => one.seconds)
  return { what, count: seconds.length, median: median(seconds), most: Math.max(0, ...seconds) }
}

const shown = ({ what, count, median: half, most }: Row): string =>
  `${what.padEnd(16)} ${String(count).padStart(5)} ${half.toFixed(2).padStart(9)} s ` +
  `${most.toFixed(2).padStart(9)} s`

const rows = ({ recoveries }: StormResult, kinds: readonly Kind[]): Row[] =>
  kinds.map((kind) =>
    rowOf(
      kind,
      recoveries.filter((one) => one.kind === kind),
    ),
  )

/** Seconds from the end of the fault that was over last until every guard was fresh. */
export const tableOf = (result: StormResult, kinds: readonly Kind[]): string => {
  const { sequences, operations, ended, answers, ends } = result
  return [
    `${sequences} sequences, ${operations} operations, ${ended} sessions ended, ` +
      `${answers.asked} answers: ${answers.accepted} accepted, ${answers.refused} refused, ` +
      `${answers.unavailable} unavailable; ${ends.length} processes ended by themselves`,
    `${'over last'.padEnd(16)} count      half        most`,
    ...rows(result, kinds).map(shown),
  ].join('\n')
}

type Told = Readonly<{ seed: string; brokers: number; isAlone: boolean }>

/** Keeps the figures of a run in bench/results/storm.json, beside those of other kinds of run. */
export const writeReport = async (told: Told, result: StormResult): Promise<void> => {
  const folder = join(projectRoot, 'bench', 'results')
  const file = join(folder, 'storm.json')
  await mkdir(folder, { recursive: true })
  const before: unknown = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'))
  const name = `${told.isAlone ? 'alone' : 'sequences'}-${told.brokers}-brokers`
  const kept = { ...(before as Record<string, unknown>), [name]: { ...told, ...result } }
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`)
}
