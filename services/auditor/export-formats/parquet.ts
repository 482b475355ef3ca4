import { deserialize, serialize } from 'node:v8'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { type FlatColumn, flatColumns } from './csv.ts'
import type { Encoder } from './encoder.ts'
import type { ExportedLeaf } from './exported-leaf.ts'

type Cell = string | bigint | null
/** What is written of a file so far: its end names all groups of rows. */
type Mark = Pick<ParquetWriter, 'row_groups' | 'num_rows'> & Readonly<{ offset: number }>

/** The size of a row group. A group is held in memory until it is full. */
const groupRowsMax = 20_000
const groupBytesMax = 32 * 1_024 * 1_024

const optional = { repetition_type: 'OPTIONAL' } as const
const schemaOf = ({ name, form }: FlatColumn) =>
  form === 'text'
    ? ({ name, ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const)
    : ({ name, ...optional, type: 'INT64' } as const)

const schema = [{ name: 'root', num_children: flatColumns.length }, ...flatColumns.map(schemaOf)]

class ParquetEncoder implements Encoder {
  readonly #bytes = new ByteWriter()
  readonly #writer: ParquetWriter
  #columns: Cell[][] = flatColumns.map(() => [])
  #rows = 0
  #held = 0

  constructor(product: string, mark: string | null) {
    const createdBy = `Curfew version ${product}`
    this.#writer = new ParquetWriter({ writer: this.#bytes, schema, createdBy })
    if (mark === null) return
    const { row_groups, num_rows, offset } = deserialize(Buffer.from(mark, 'base64')) as Mark
    Object.assign(this.#writer, { row_groups, num_rows })
    this.#taken()
    this.#bytes.offset = offset
  }

  begin(): Buffer {
    return this.#taken()
  }

  add(leaf: ExportedLeaf): Buffer {
    for (const [at, { of }] of flatColumns.entries()) {
      const cell = of(leaf)
      this.#columns[at]?.push(typeof cell === 'number' ? BigInt(cell) : cell)
    }
    this.#rows += 1
    this.#held += leaf.bytes.length
    const isWhole = this.#rows === groupRowsMax || this.#held >= groupBytesMax
    return isWhole ? this.#group() : Buffer.alloc(0)
  }

  end(): Buffer {
    const last = this.#group()
    // It answers a promise for other kinds of writers alone.
    void this.#writer.finish()
    return Buffer.concat([last, this.#taken()])
  }

  mark(): string | null {
    if (this.#rows > 0) return null
    const { row_groups, num_rows } = this.#writer
    const mark: Mark = { row_groups, num_rows, offset: this.#bytes.offset }
    return serialize(mark).toString('base64')
  }

  #group(): Buffer {
    if (this.#rows === 0) return Buffer.alloc(0)
    const columnData = flatColumns.map(({ name }, at) => ({
      name,
      data: this.#columns[at] ?? [],
      // Their place is told at the end of the file, from what would have to be kept until then.
      offsetIndex: false,
    }))
    void this.#writer.write({ columnData, rowGroupSize: this.#rows })
    this.#columns = flatColumns.map(() => [])
    this.#rows = 0
    this.#held = 0
    return this.#taken()
  }

  /** What was written since; offsets go on. */
  #taken(): Buffer {
    const taken = Buffer.from(this.#bytes.getBytes())
    this.#bytes.index = 0
    return taken
  }
}

/** Apache Parquet, the columns of the other tables; Snappy. */
export const openParquet = (product: string, mark: string | null): Encoder =>
  new ParquetEncoder(product, mark)
