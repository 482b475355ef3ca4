import { execFile } from 'node:child_process'

type Place = Readonly<{ cwd?: string; env?: NodeJS.ProcessEnv; timeoutMs: number }>

/** Runs a command to its end somewhere; rejects with the end of its standard error. */
export const runIn = (
  { cwd, env, timeoutMs }: Place,
  command: string,
  args: readonly string[],
): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = {
      timeout: timeoutMs,
      maxBuffer: 64 * 2 ** 20,
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env }),
    }
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message.split('\n')[0]}: ${stderr.slice(-500)}`))
      else resolve(stdout)
    })
  })
