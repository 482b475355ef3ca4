import { existsSync } from 'node:fs'
import { notRun } from '../not-run.ts'
import { onPath } from '../servers/server-process.ts'

/** Programs of other people that a test runs; `.ci/run` installs them. */
export type Tool =
  | 'nginx'
  | 'kcat'
  | 'python3'
  | 'curl'
  | 'go'
  | 'java'
  | 'mvn'
  | 'chromium'
  | 'openssl'
  | 'systemd-analyze'

const isRequired = (tool: Tool): boolean =>
  process.env['CI'] === 'true' || (process.env['REQUIRE'] ?? '').split(',').includes(tool)

/** Debian keeps servers where only root looks. */
const elsewhere = (tool: Tool): string => `/usr/sbin/${tool}`

/**
 * The command, or `null` after saying aloud that `what` was not run.
 * @throws Error when it is missing and required (`REQUIRE=nginx`, or `CI=true`).
 */
export const findTool = async (tool: Tool, what: string): Promise<string | null> => {
  if (await onPath(tool)) return tool
  if (existsSync(elsewhere(tool))) return elsewhere(tool)
  if (isRequired(tool)) throw new Error(`${tool} is required (REQUIRE or CI), and not installed`)
  notRun(what, `${tool} is not installed`)
  return null
}

/** Whether all are there; says aloud what was not run for the first that is not. */
export const findTools = async (what: string, ...tools: readonly Tool[]): Promise<boolean> => {
  for (const tool of tools) if ((await findTool(tool, what)) === null) return false
  return true
}
