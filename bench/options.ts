import { parseArgs } from 'node:util'

export type Options = Readonly<{
  /** Words that the names of the chosen scenarios contain; all scenarios without. */
  words: readonly string[]
  quick: boolean
  repeats: number
  withPeers: boolean
  /** How many events a scenario of events has. */
  events: number | null
  /** How many sessions a scenario of the console has. */
  sessions: number | null
  /** Where the report is written for a program, and nowhere else. */
  json: string | null
  /** Holds the ratios against those of bench/results/latest.json. */
  check: boolean
  /** Draws the pictures of README anew from bench/results/latest.json, and measures nothing. */
  draw: boolean
  /** A commit to compare this checkout with, and in how many pairs. */
  compare: string | null
  pairs: number
  /** Says what there is, and measures nothing. */
  help: boolean
}>

const positive = (name: string, text: string): number => {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new Error(`--${name} wants a whole number above 0, not ${text}`)
}

/** @throws Error that names the argument. */
export const readOptions = (args: readonly string[]): Options => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    allowNegative: true,
    options: {
      quick: { type: 'boolean', default: false },
      repeats: { type: 'string', default: '3' },
      peers: { type: 'boolean', default: true },
      events: { type: 'string' },
      sessions: { type: 'string' },
      json: { type: 'string' },
      check: { type: 'boolean', default: false },
      draw: { type: 'boolean', default: false },
      compare: { type: 'string' },
      pairs: { type: 'string', default: '5' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.check && values.compare !== undefined) {
    throw new Error('--check and --compare exclude each other')
  }
  return {
    words: positionals,
    quick: values.quick,
    repeats: positive('repeats', values.repeats),
    withPeers: values.peers,
    events: values.events === undefined ? null : positive('events', values.events),
    sessions: values.sessions === undefined ? null : positive('sessions', values.sessions),
    json: values.json ?? null,
    check: values.check,
    draw: values.draw,
    compare: values.compare ?? null,
    pairs: positive('pairs', values.pairs),
    help: values.help,
  }
}
