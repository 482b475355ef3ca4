import { startProcess } from './processes.ts'

export type Ran = Readonly<{ code: number | null; output: string }>

/** A `curfew` command on the data in `dir`, to its end. */
export const curfew = async (dir: string, args: readonly string[], input = ''): Promise<Ran> => {
  const process = startProcess({
    name: `curfew ${args.join(' ')}`,
    args: ['services/cli/curfew.mjs', ...args],
    env: { CURFEW_DATA_DIR: dir, CURFEW_PUBLISH_TIMEOUT: '10s' },
    input,
  })
  const { code } = await process.ended
  return { code, output: process.output() }
}
