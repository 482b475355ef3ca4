import { findTool } from '../support/processes/tools.ts'
import { newDataFolder } from '../support/servers/server-process.ts'
import { claims } from '../support/suite.ts'
import {
  askersProveThemselves,
  commandsOf,
  runCommands,
  writePage,
} from '../support/worlds/recipe-service.ts'

const page = 'docs/go.md'

/** The program that asks alone, and the one that verifies first. */
const variants = [
  { files: { main: 'main.go' }, commands: 'go' },
  { files: { main: 'main.go', verify: 'verify.go' }, commands: 'go-verify' },
] as const

claims('docs/go.md, services on net/http', {
  'both programs run as printed: in at once, out at once, 503 without Curfew': async () => {
    if ((await findTool('go', 'the recipes in Go')) === null) return
    const programs = await Promise.all(
      variants.map(async ({ files, commands }) => {
        const dir = newDataFolder('go')
        writePage(dir, { page, files })
        const lines = commandsOf(page, commands)
        await runCommands(dir, lines.slice(0, -1))
        return { dir, command: lines.at(-1) ?? '' }
      }),
    )
    await askersProveThemselves(programs)
  },
})
