import type { Env } from '../../../shared/kernel/config.ts'

let settings: Env | null = null

/** The settings of this run: the environment, over the configuration file once it was read. */
export const environment = (): Env => settings ?? process.env
export const setEnvironment = (env: Env): void => {
  settings = env
}
