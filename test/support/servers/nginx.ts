import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, newDataFolder, run, type ServerControl, startServer } from './server-process.ts'

export type Nginx = Readonly<{ url: string; control: ServerControl }>

/** The file around `server` blocks: one process, everything in `dir`, only this machine. */
const around = (dir: string, servers: string): string => `
daemon off;
master_process off;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log;
events {}
http {
  access_log off;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  .map((kind) => `  ${kind}_temp_path ${dir}/${kind};`)
  .join('\n')}
${servers}
}
`

const answers = async (url: string): Promise<void> => {
  await fetch(url, { redirect: 'manual' })
}

/**
 * A real nginx on the `server` blocks that `servers` gives for its port. It ends with this process.
 * @throws Error with nginx's own words when it refuses the configuration.
 */
export const startNginx = async (
  command: string,
  servers: (port: number) => string,
): Promise<Nginx> => {
  const dir = newDataFolder('nginx')
  await mkdir(join(dir, 'logs'))
  const port = await freePort()
  const file = join(dir, 'nginx.conf')
  await writeFile(file, around(dir, servers(port)))
  const args = ['-p', dir, '-c', file]
  await run(command, [...args, '-t'], 10_000)
  const url = `http://127.0.0.1:${port}`
  const control = await startServer({ command, args, dir, ready: () => answers(url) })
  return { url, control }
}
