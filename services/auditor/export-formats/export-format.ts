import { cefLine } from './cef.ts'
import { csvHeader, csvLine, flatLine } from './csv.ts'
import type { Encoder } from './encoder.ts'
import type { ExportedLeaf } from './exported-leaf.ts'
import { ocsfLine } from './ocsf.ts'

/**
 * One format. `product` is Curfew’s version; `mark` is what an encoder of an earlier run returned.
 */
type Format = Readonly<{
  /** One line an event, so that it can be followed. */
  isLines: boolean
  open: (product: string, mark: string | null) => Promise<Encoder>
}>

const nothing = Buffer.alloc(0)

const lines = (
  line: (leaf: ExportedLeaf, product: string) => string | Buffer,
  header = '',
): Format['open'] => {
  const open = (product: string): Encoder => ({
    begin: () => Buffer.from(header),
    add: (leaf) => {
      const made = line(leaf, product)
      return typeof made === 'string' ? Buffer.from(made) : made
    },
    end: () => nothing,
    mark: () => '',
  })
  return async (product) => open(product)
}

const lineFeed = Buffer.from('\n')

export const exportFormats = {
  cloudevents: { isLines: true, open: lines(({ bytes }) => Buffer.concat([bytes, lineFeed])) },
  ndjson: { isLines: true, open: lines(flatLine) },
  csv: { isLines: false, open: lines(csvLine, csvHeader) },
  ocsf: { isLines: true, open: lines(ocsfLine) },
  cef: { isLines: true, open: lines(cefLine) },
  parquet: {
    isLines: false,
    open: async (product, mark) => (await import('./parquet.ts')).openParquet(product, mark),
  },
} as const satisfies Readonly<Record<string, Format>>

export type FormatName = keyof typeof exportFormats
export const formatNames = Object.keys(exportFormats) as readonly FormatName[]
