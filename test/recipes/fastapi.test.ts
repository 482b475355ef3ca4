import { join } from 'node:path'
import { findTool } from '../support/processes/tools.ts'
import { pythonVenv } from '../support/servers/python-venv.ts'
import { newDataFolder } from '../support/servers/server-process.ts'
import { assert, claims } from '../support/suite.ts'
import { askersProveThemselves, commandsOf, writePage } from '../support/worlds/recipe-service.ts'

const page = 'docs/fastapi.md'
const files = { 'fastapi-auth': 'curfew_auth.py', 'fastapi-orders': 'orders.py' }

claims('docs/fastapi.md, a service on FastAPI', {
  'runs as printed: in at once, out at once, 503 without Curfew': async () => {
    if ((await findTool('python3', 'the recipe for FastAPI')) === null) return
    const [install = ''] = commandsOf(page, 'install')
    const packages = install.replaceAll("'", '').split(' ')
    assert.equal(packages.splice(0, 2), ['pip', 'install'])
    const bin = await pythonVenv(packages.join('-').replace(/[^A-Za-z0-9.=-]/g, '_'), packages)
    assert.ok(bin)
    const [command = ''] = commandsOf(page, 'fastapi')
    const dir = newDataFolder('fastapi')
    writePage(dir, { page, files })
    await askersProveThemselves([{ dir, command: join(bin, command) }])
  },
})
