import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { findTool } from '../processes/tools.ts'
import { projectRoot } from '../project-files.ts'
import { pythonVenv } from '../servers/python-venv.ts'

const packages = ['ocsf-json-schema==1.2.0', 'duckdb==1.5.6'] as const
const bytesMax = 512 * 1_024 * 1_024

const printed = (python: string, script: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const path = join(projectRoot, 'test/fixtures/python', script)
    execFile(python, [path, ...args], { maxBuffer: bytesMax }, (error, out, said) =>
      error ? reject(new Error(said || error.message)) : resolve(out),
    )
  })

/** What others say of exports, in Python. */
export type ExportOracles = Readonly<{
  /** Whether an event is one of OCSF 1.8, by its class. */
  ocsf: (classes: readonly number[]) => Promise<ReadonlyMap<number, ValidateFunction>>
  /** Columns with their types, and rows, as DuckDB reads them. */
  parquet: (path: string) => Promise<Readonly<{ columns: [string, string][]; rows: unknown[][] }>>
}>

/**
 * `null` after saying aloud that they were not asked. Rejects when there is no Python and one is
 * required, and when PyPI does not answer.
 */
export const exportOracles = async (what: string): Promise<ExportOracles | null> => {
  if ((await findTool('python3', what)) === null) return null
  const bin = await pythonVenv('exports-ocsf-1.2.0-duckdb-1.5.6', packages)
  if (bin === null) return null
  const python = join(bin, 'python3')
  return {
    ocsf: async (classes) => {
      const text = await printed(python, 'ocsf_schemas.py', ['1.8.0', ...classes.map(String)])
      const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
      const schemas = Object.entries(JSON.parse(text) as Record<string, object>)
      return new Map(schemas.map(([uid, schema]) => [Number(uid), ajv.compile(schema)]))
    },
    parquet: async (path) => {
      const [first = '[]', ...lines] = (await printed(python, 'parquet_rows.py', [path]))
        .trimEnd()
        .split('\n')
      const rows = lines.map((line) => JSON.parse(line) as unknown[])
      return { columns: JSON.parse(first) as [string, string][], rows }
    },
  }
}
