import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { namedBlock } from '../support/documents/code-blocks.ts'
import { findTool } from '../support/processes/tools.ts'
import { cacheFolder } from '../support/servers/server-process.ts'
import { claims } from '../support/suite.ts'
import {
  askersProveThemselves,
  commandsOf,
  runCommands,
  writePage,
} from '../support/worlds/recipe-service.ts'

const page = 'docs/spring.md'
/** It starts sooner and runs slower. */
const quick = { JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1' }
const source = 'src/main/java/example'
const files = {
  pom: 'pom.xml',
  spring: 'src/main/resources/application.properties',
  security: `${source}/CurfewSecurity.java`,
  orders: `${source}/Orders.java`,
}

/** The folder that the page's commands built in, kept for as long as the page stays as it is. */
const built = async (commands: readonly string[]): Promise<string> => {
  const printed = [...Object.keys(files).map((block) => namedBlock(page, block)), ...commands]
  const dir = cacheFolder(`spring-${createHash('sha256').update(printed.join('')).digest('hex')}`)
  const complete = join(dir, 'complete')
  if (existsSync(complete)) return dir
  await rm(dir, { recursive: true, force: true })
  writePage(dir, { page, files })
  await runCommands(dir, commands)
  await mkdir(complete)
  return dir
}

claims('docs/spring.md, a resource server of Spring Security', {
  'runs as printed: in at once, out at once, 503 without Curfew': async () => {
    for (const tool of ['java', 'mvn'] as const) {
      if ((await findTool(tool, 'the recipe for Spring')) === null) return
    }
    const lines = commandsOf(page, 'sh-spring')
    const dir = await built(lines.slice(0, -1))
    await askersProveThemselves([{ dir, command: lines.at(-1) ?? '', env: quick }])
  },
})
